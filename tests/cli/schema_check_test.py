#!/usr/bin/python3
"""autotape schema check and check-suite: 0 valid, 4 invalid, 5 not JSON."""
import json
import unittest

from folder_case import FolderCase
from program import autotape
from provider_schema import V1, V2, needs_provider_schema


class SchemaCase(FolderCase):
    def file(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else
                         (content if isinstance(content, str) else json.dumps(content)).encode())
        return path


class Check(SchemaCase):
    def check(self, schema, instance, *options):
        return autotape("schema", "check", "--schema", self.file("schema.json", schema), *options,
                        self.file("instance.json", instance))

    def test_valid_invalid_and_not_json_have_their_own_exit_codes(self):
        self.assertEqual(self.check({"type": "integer"}, "1.0").exit_code, 0)
        self.assertEqual(self.check({"type": "integer"}, "1.5").exit_code, 4)
        self.assertEqual(self.check({"type": "integer"}, "1,").exit_code, 5)

    def test_a_violation_names_pointer_expectation_finding_and_schema(self):
        finished = self.check({"properties": {"unit": {"enum": ["miles"]}}}, {"unit": "mile"})
        self.assertIn('/unit: expected "miles", found "mile" (did you mean "miles"?)', finished.output)
        self.assertIn("schema.json#/properties/unit/enum", finished.output)

    def test_hostile_texts_are_refused_with_their_own_reasons(self):
        for text, reason in [(b"[" * 100_000, "deeper"), (b"\xef\xbb\xbf{}", "byte order mark"),
                             (b'["\xff"]', "UTF-8"), (b"[1e400]", "range of a double"),
                             (b'["\\ud800"]', "surrogate"), (b"[1]\0", "more follows"), (b"", "empty")]:
            with self.subTest(reason):
                finished = self.check("true", text)
                self.assertEqual(finished.exit_code, 5, finished.messages)
                self.assertIn(reason, finished.messages)
                self.assertEqual(len(finished.messages.splitlines()), 1)

    def test_a_bad_schema_is_named_with_its_place(self):
        finished = self.check({"properties": {"a": {"minLength": -1}}}, "1")
        self.assertEqual(finished.exit_code, 5)
        self.assertIn("/properties/a/minLength", finished.output)
        finished = self.check({"pattern": "(?=a)"}, "1")
        self.assertEqual(finished.exit_code, 5)
        self.assertIn("lookahead", finished.messages)

    def test_schemas_of_a_folder_are_found_by_their_id_and_beside_each_other_by_their_path(self):
        self.file("others/car.json", {"$id": "https://example.org/car.json", "type": "integer"})
        reference = {"$ref": "https://example.org/car.json"}
        self.assertEqual(self.check(reference, "1").exit_code, 5)
        self.assertEqual(self.check(reference, "1", "--remotes", self.folder / "others").exit_code, 0)
        self.assertEqual(self.check({"$ref": "others/car.json"}, '"a"').exit_code, 4)

    def test_a_referenced_file_that_is_broken_is_named_with_its_reason(self):
        self.file("broken.json", '{"broken')
        refused = self.check({"allOf": [{"$ref": "broken.json"}]}, "1")
        self.assertEqual(refused.exit_code, 5)
        self.assertIn("broken.json", refused.messages)
        self.assertIn("JSON", refused.messages)

    def test_a_schema_of_another_draft_is_refused(self):
        refused = self.check({"$schema": "https://json-schema.org/draft/2020-12/schema", "items": False}, "[]")
        self.assertEqual(refused.exit_code, 5)
        self.assertIn("draft-07", refused.messages)

    def test_every_instance_is_judged_and_the_gravest_answer_is_given(self):
        schema = self.file("schema.json", {"type": "integer"})
        good, bad, broken = self.file("1.json", "1"), self.file("2.json", '"a"'), self.file("3.json", "[")
        finished = autotape("schema", "check", "--schema", schema, broken, bad, good)
        self.assertEqual(finished.exit_code, 5)
        self.assertIn(f"{good}: valid", finished.output)
        self.assertEqual(autotape("schema", "check", "--schema", schema, good, bad).exit_code, 4)


class Suite(SchemaCase):
    def test_cases_are_counted_and_remotes_come_from_the_folder(self):
        self.file("remotes/folder/integer.json", {"type": "integer"})
        suite = self.file("suite.json", [{
            "description": "remote", "schema": {"$ref": "http://localhost:1234/folder/integer.json"},
            "tests": [{"description": "an integer", "data": 1, "valid": True},
                      {"description": "a text", "data": "a", "valid": False}]}])
        finished = autotape("schema", "check-suite", "--remotes", self.folder / "remotes", suite)
        self.assertEqual(finished.exit_code, 0, finished.output)
        self.assertIn("2 cases passed, 0 failed", finished.messages)
        finished = autotape("schema", "check-suite", suite)
        self.assertEqual(finished.exit_code, 4)
        self.assertIn("FAIL", finished.output)
        self.assertIn("leads nowhere", finished.output)

    def test_another_file_is_no_suite(self):
        finished = autotape("schema", "check-suite", self.file("suite.json", [{"schema": True}]))
        self.assertEqual(finished.exit_code, 5)


@needs_provider_schema
class ProvidersTree(SchemaCase):
    def test_all_capability_files_load(self):
        files = sorted((V1 / "capabilities").glob("*.json"))
        self.assertEqual(len(files), 45)
        for path in files:
            finished = autotape("schema", "check", "--schema", path, "--remotes", V1, self.file("empty.json", "{}"))
            self.assertEqual(finished.exit_code, 0, finished.messages)

    def test_the_providers_examples_are_valid(self):
        for schema, example in [("envelope.schema.json", "example.message.json"), ("data.schema.json", "example.data.json")]:
            finished = autotape("schema", "check", "--schema", V2 / schema, "--remotes", V2, V2 / example)
            self.assertEqual(finished.exit_code, 0, finished.output)

    def test_an_empty_capability_is_valid_in_v1(self):
        finished = autotape("schema", "check", "--schema", V1 / "all_capabilities.schema.json", "--remotes", V1,
                            self.file("data.json", {"diagnostics": {}}))
        self.assertEqual(finished.exit_code, 0, finished.output)


if __name__ == "__main__":
    unittest.main()
