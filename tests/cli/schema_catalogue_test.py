#!/usr/bin/python3
"""autotape schema show and export, and the built-in catalogue held against the provider's tree."""
import json
import pathlib
import subprocess
import sys
import unittest

from folder_case import FolderCase
from program import autotape
import provider_schema

CATALOGUE = pathlib.Path(__file__).parents[2] / "fixtures/catalogue"


def exported(stream: str, part: str = "data") -> dict:
    finished = autotape("schema", "export", "--stream", stream, "--part", part)
    assert finished.exit_code == 0, finished.messages
    return json.loads(finished.output)


class AgainstTheProvider(unittest.TestCase):
    """Every property, type, unit, enumeration and limit, by structure."""

    maxDiff = 4000

    @provider_schema.needs_provider_schema
    def test_the_catalogue_is_what_derive_makes_of_the_tree(self):
        made = subprocess.run([sys.executable, CATALOGUE / "derive.py", provider_schema.V1],
                              check=True, stdout=subprocess.PIPE, text=True).stdout
        self.assertEqual(made, (CATALOGUE / "level13.catalogue").read_text())

    @provider_schema.needs_provider_schema
    def test_v1_is_the_same_in_each_property(self):
        theirs = provider_schema.V1Tree().capabilities()
        document = exported("v1")
        ours = provider_schema.flat_document(document, document["definitions"]["data"])["properties"]
        self.assert_same_capabilities(ours, theirs)

    @provider_schema.needs_provider_schema
    def test_v1_asks_for_exactly_one_capability(self):
        for alternative in provider_schema.V1Tree().document("all_capabilities.schema.json")["oneOf"]:
            self.assertEqual(list(alternative["properties"]), alternative["required"])
            self.assertIs(alternative["additionalProperties"], False)
        data = exported("v1")["definitions"]["data"]
        self.assertEqual((data["minProperties"], data["maxProperties"], data["additionalProperties"]), (1, 1, False))

    @provider_schema.needs_provider_schema
    def test_v2_is_the_same_in_each_property(self):
        theirs = json.loads((provider_schema.V2 / "data.schema.json").read_text())
        document = exported("v2")
        ours = provider_schema.flat_document(document, document["definitions"]["data"])
        theirs = provider_schema.flat_document(theirs, theirs)
        self.assert_same_capabilities(ours.pop("properties"), theirs.pop("properties"))
        self.assertEqual(ours, theirs)

    @provider_schema.needs_provider_schema
    def test_the_v2_envelope_is_the_same(self):
        theirs = json.loads((provider_schema.V2 / "envelope.schema.json").read_text())
        theirs["properties"]["data"] = ours_data = {"$ref": "#/definitions/data"}
        ours = exported("v2", "message")
        self.assertEqual(ours["properties"]["data"], ours_data)
        for document in (ours, theirs):
            document["required"].sort()
        for key in ("type", "properties", "required", "additionalProperties"):
            self.assertEqual(ours.get(key), theirs[key], key)

    @provider_schema.needs_provider_schema
    def test_the_same_properties_are_deprecated(self):
        tree = provider_schema.V1Tree()
        theirs = {f"{name}.{member}" for name in tree.capabilities()
                  for member, schema in tree.document(f"capabilities/{name}.schema.json")["properties"].items()
                  if schema.get("deprecated")}
        ours = {f"{name}.{member}"
                for name, capability in exported("v1")["definitions"]["data"]["properties"].items()
                for member, schema in capability["properties"].items() if schema.get("deprecated")}
        self.assertEqual(ours, theirs)

    def assert_same_capabilities(self, ours: dict, theirs: dict):
        self.assertEqual(sorted(ours), sorted(theirs))
        for name in ours:
            self.assertEqual(list(ours[name]["properties"]), list(theirs[name]["properties"]), name)
            self.assertEqual(ours[name], theirs[name], name)


class Show(unittest.TestCase):
    def test_a_property_is_explained_with_an_example(self):
        finished = autotape("schema", "show", "diagnostics.odometer")
        self.assertEqual(finished.exit_code, 0, finished.messages)
        self.assertIn("diagnostics.odometer: length", finished.lines[0])
        self.assertIn("kilometers", finished.output)
        topic, payload = finished.output.split("\n\n")[1].split("\n", 1)
        self.assertRegex(topic, "^sandbox/level13/[0-9A-F]{24}/[A-Z0-9]{17}/diagnostics/get/odometer$")
        self.assertEqual(json.loads(payload)["data"]["diagnostics"]["odometer"]["data"]["unit"], "kilometers")

    def test_a_list_property_has_a_list_in_its_example(self):
        finished = autotape("schema", "show", "diagnostics.tire_pressures")
        payload = json.loads(finished.output.split("\n\n")[1].split("\n", 1)[1])
        self.assertIsInstance(payload["data"]["diagnostics"]["tire_pressures"], list)

    def test_in_v2_each_property_is_a_list(self):
        finished = autotape("schema", "show", "diagnostics.odometer", "--stream", "v2")
        payload = json.loads(finished.output.split("\n\n")[1].split("\n", 1)[1])
        self.assertIsInstance(payload["data"]["diagnostics"]["odometer"], list)

    def test_what_is_personal_is_said(self):
        self.assertIn("personal data: place", autotape("schema", "show", "vehicle_location.coordinates").output)
        self.assertIn("personal data: secret",
                      autotape("schema", "show", "home_charger.wi_fi_hotspot_password").output)

    def test_a_capability_lists_its_properties(self):
        finished = autotape("schema", "show", "diagnostics")
        self.assertEqual(len(finished.lines), 58)
        self.assertIn("diagnostics.mileage: length  (deprecated)", finished.lines)
        self.assertIn("diagnostics.tire_pressures: [tire_pressure]", finished.lines)

    def test_without_a_name_all_capabilities_are_listed(self):
        self.assertEqual(len(autotape("schema", "show").lines), 45)

    def test_an_unknown_name_is_named_with_the_nearest(self):
        for name, nearest in (("diagnostic.odometer", "'diagnostics'"), ("diagnostics.odometre", "'odometer'")):
            finished = autotape("schema", "show", name)
            self.assertEqual((finished.exit_code, finished.output), (2, ""))
            self.assertIn(nearest, finished.messages)


class Export(FolderCase):
    def test_the_schema_goes_to_a_file_that_is_not_overwritten(self):
        path = self.folder / "v1.json"
        self.assertEqual(autotape("schema", "export", "-o", path).exit_code, 0)
        self.assertEqual(json.loads(path.read_text())["$schema"], "http://json-schema.org/draft-07/schema#")
        self.assertEqual(autotape("schema", "export", "-o", path).exit_code, 5)
        self.assertEqual(autotape("schema", "export", "-o", path, "--force").exit_code, 0)

    def test_the_v1_message_has_the_six_members_of_the_envelope(self):
        self.assertEqual(sorted(exported("v1", "message")["required"]),
                         ["capability", "data", "message_id", "property", "version", "vin"])


if __name__ == "__main__":
    unittest.main()
