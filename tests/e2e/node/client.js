// An MQTT.js client that does what its standard input says and tells on standard output what happened, one JSON
// object a line in both directions.
//   arguments: {"protocolVersion": 4, "clientId": …, "clean": false, "ackDelay": false, …} as JSON
//   input:     {"subscribe": [filters]}  {"unsubscribe": filter}  {"publish": topic, "payload": text}  {"end": true}
//   output:    {"connack": {…}} {"suback": [codes]} {"message": …, "dup": …, "topic": …} {"error": …} {"close": true}
'use strict';
const fs = require('fs');
const readline = require('readline');
const mqtt = require('mqtt');

const options = JSON.parse(process.argv[2]);
for (const file of ['ca', 'cert', 'key']) if (options[file]) options[file] = fs.readFileSync(options[file]);
const say = (object) => process.stdout.write(JSON.stringify(object) + '\n');

const client = mqtt.connect({protocol: 'mqtts', reconnectPeriod: 0, resubscribe: false, keepalive: 30, ...options});
client.on('packetreceive', (packet) => {
  if (packet.cmd === 'connack') {
    say({connack: packet.reasonCode ?? packet.returnCode, sessionPresent: packet.sessionPresent});
  } else if (packet.cmd === 'suback') {
    say({suback: packet.granted});
  } else if (packet.cmd === 'unsuback') {
    say({unsuback: true});
  } else if (packet.cmd === 'disconnect') {
    say({disconnect: packet.reasonCode});
  }
});
client.on('message', (topic, payload, packet) => say({message: payload.toString(), topic, dup: packet.dup}));
client.on('error', (error) => say({error: error.message, code: error.code}));
client.on('close', () => say({close: true}));

readline.createInterface({input: process.stdin}).on('line', (line) => {
  const wanted = JSON.parse(line);
  if (wanted.subscribe) client.subscribe(wanted.subscribe, {qos: 1}, () => {});
  if (wanted.unsubscribe) client.unsubscribe(wanted.unsubscribe);
  if (wanted.publish) client.publish(wanted.publish, wanted.payload, {qos: 1}, (error) => say({published: !error}));
  if (wanted.end) client.end(false, () => process.exit(0));
});
