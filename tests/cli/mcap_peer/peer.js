// Reads and writes MCAP with the format's own library, which knows nothing of autotape.
//
//   peer.js read FILE       a JSON line for each message, front to back and once more by the index
//   peer.js write FILE      of JSON lines {topic, logTime, publishTime, sequence, data} on standard input
"use strict";
const fs = require("fs");
const readline = require("readline");
const { McapStreamReader, McapIndexedReader, McapWriter } = require("@mcap/core");
const { loadDecompressHandlers } = require("@mcap/support");
const { crc32 } = require("@foxglove/crc");
const zstd = require("@foxglove/wasm-zstd");

function line(message, channel, schema) {
  return JSON.stringify({
    topic: channel.topic,
    encoding: channel.messageEncoding,
    schema: schema ? JSON.parse(Buffer.from(schema.data).toString()) : null,
    sequence: message.sequence,
    logTime: message.logTime.toString(),
    publishTime: message.publishTime.toString(),
    data: Buffer.from(message.data).toString("base64"),
  });
}

function readFrontToBack(bytes, decompressHandlers) {
  const reader = new McapStreamReader({ decompressHandlers, validateCrcs: true });
  const channels = new Map();
  const schemas = new Map();
  const lines = [];
  let dataCrc;
  reader.append(bytes);
  for (let record; (record = reader.nextRecord()); ) {
    if (record.type === "Channel") channels.set(record.id, record);
    if (record.type === "Schema") schemas.set(record.id, record);
    if (record.type === "DataEnd") dataCrc = record.dataSectionCrc;
    if (record.type === "Message") {
      const channel = channels.get(record.channelId);
      lines.push(line(record, channel, schemas.get(channel.schemaId)));
    }
  }
  if (!reader.done()) throw new Error("the file is not complete");
  return { lines, dataCrc };
}

async function readByIndex(bytes, decompressHandlers) {
  const readable = {
    size: async () => BigInt(bytes.length),
    read: async (offset, size) => new Uint8Array(bytes.subarray(Number(offset), Number(offset + size))),
  };
  const reader = await McapIndexedReader.Initialize({ readable, decompressHandlers });
  const lines = [];
  for await (const message of reader.readMessages({ validateCrcs: true })) {
    const channel = reader.channelsById.get(message.channelId);
    lines.push(line(message, channel, reader.schemasById.get(channel.schemaId)));
  }
  let attachments = 0;
  for await (const attachment of reader.readAttachments({ validateCrcs: true })) {
    JSON.parse(Buffer.from(attachment.data).toString());
    attachments += 1;
  }
  return { lines, attachments, statistics: reader.statistics, dataEnd: Number(reader.dataEndOffset) };
}

async function read(file) {
  const decompressHandlers = await loadDecompressHandlers();
  const bytes = fs.readFileSync(file);
  const { lines, dataCrc } = readFrontToBack(bytes, decompressHandlers);
  const indexed = await readByIndex(bytes, decompressHandlers);
  if (Number(indexed.statistics.messageCount) !== lines.length) throw new Error("the statistics count other messages");
  if (indexed.lines.slice().sort().join() !== lines.slice().sort().join()) throw new Error("the index finds other messages");
  if (indexed.attachments !== indexed.statistics.attachmentCount) throw new Error("the attachments are not found");
  if (dataCrc !== crc32(bytes.subarray(0, indexed.dataEnd))) throw new Error("the data section's CRC is wrong");
  process.stdout.write(lines.map((text) => text + "\n").join(""));
}

async function write(file) {
  await zstd.isLoaded;
  const handle = fs.openSync(file, "w");
  let position = 0n;
  const writer = new McapWriter({
    writable: {
      write: async (bytes) => { fs.writeSync(handle, bytes); position += BigInt(bytes.length); },
      position: () => position,
    },
    chunkSize: 4096,
    compressChunk: (data) => ({ compression: "zstd", compressedData: zstd.compress(data) }),
  });
  await writer.start({ profile: "", library: "peer" });
  const channels = new Map();
  for await (const text of readline.createInterface({ input: process.stdin })) {
    const message = JSON.parse(text);
    if (!channels.has(message.topic)) {
      channels.set(message.topic, await writer.registerChannel(
        { topic: message.topic, messageEncoding: "json", schemaId: 0, metadata: new Map() }));
    }
    await writer.addMessage({
      channelId: channels.get(message.topic),
      sequence: message.sequence,
      logTime: BigInt(message.logTime),
      publishTime: BigInt(message.publishTime),
      data: Buffer.from(message.data, "base64"),
    });
  }
  await writer.end();
  fs.closeSync(handle);
}

const [, , command, file] = process.argv;
(command === "read" ? read(file) : write(file)).catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
