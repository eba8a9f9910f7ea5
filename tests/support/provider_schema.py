"""The provider's schema tree, where it is at hand: it is not part of this project.

Looked for where AUTOTAPE_PROVIDER_SCHEMA says, or else where scripts/fetch-schema puts it, in schema/, or else beside
the checkout.
"""
import json
import os
import pathlib
import unittest

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
BESIDE = CHECKOUT.parent / "shared/autoapi"
ROOT = pathlib.Path(os.environ.get("AUTOTAPE_PROVIDER_SCHEMA", BESIDE if BESIDE.exists() else CHECKOUT / "schema"))
V1 = ROOT / "v1/L13"
V2 = ROOT / "v2"

needs_provider_schema = unittest.skipUnless(
    (V1 / "all_capabilities.schema.json").exists() and (V2 / "data.schema.json").exists(),
    f"the provider's schema is not at {ROOT}: scripts/fetch-schema gets it, AUTOTAPE_PROVIDER_SCHEMA names another place")

# What a schema says beside its verdict.
ANNOTATIONS = {"description", "title", "deprecated", "$id", "$schema", "$comment", "$defs", "definitions"}


class V1Tree:
    """The V1 files with their references resolved: all is relative to the host of $id, below /L13/."""

    def __init__(self):
        self.documents = {}

    def document(self, path: str) -> dict:
        if path not in self.documents:
            self.documents[path] = json.loads((V1 / path).read_text())
        return self.documents[path]

    def follow(self, path: str, reference: str):
        uri, _, pointer = reference.partition("#")
        path = uri.split("/L13/")[1] if uri else path
        schema = self.document(path)
        for name in pointer.split("/")[1:]:
            schema = schema[name]
        return path, schema

    def flat(self, path: str, schema: dict) -> dict:
        return flattened(schema, lambda reference: self.flat(*self.follow(path, reference)),
                         lambda part: self.flat(path, part))

    def capabilities(self) -> dict:
        """Each capability's schema, flat."""
        alternatives = self.document("all_capabilities.schema.json")["oneOf"]
        found = {}
        for alternative in alternatives:
            (name, reference), = alternative["properties"].items()
            found[name] = self.flat(*self.follow("all_capabilities.schema.json", reference["$ref"]))
        return found


def flat_document(document: dict, schema: dict) -> dict:
    """`schema`, a part of `document`, with references within `document` resolved and annotations left out."""
    def follow(reference: str) -> dict:
        part = document
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]
        return flat_document(document, part)
    return flattened(schema, follow, lambda part: flat_document(document, part))


def flattened(schema: dict, follow, descend) -> dict:
    if "$ref" in schema:  # in draft-07 it hides what stands beside it
        return follow(schema["$ref"])
    flat = {key: value for key, value in schema.items() if key not in ANNOTATIONS}
    if "properties" in flat:
        flat["properties"] = {name: descend(part) for name, part in flat["properties"].items()}
    if "items" in flat and flat["items"]:
        flat["items"] = descend(flat["items"])
    if "required" in flat:
        flat["required"] = sorted(flat["required"])
    return flat
