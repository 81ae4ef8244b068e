"""Readers of others from the npm registry, in exact versions: of Open Graph, of structured data, and of sitemaps.

They land in build/, once. Nothing of them touches the network: they are given text.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from widgets import npm

PACKAGES = (
    "open-graph-scraper@6.12.0",
    "@adobe/structured-data-validator@1.7.1",
    "@marbec/web-auto-extractor@2.2.1",
    "schema-dts@2.1.0",
    "sitemap@9.0.1",
    "typescript@7.0.2",
)
FOLDER = npm.BUILD / "preview-readers"
PAGE = """
import { readFileSync } from "node:fs";
import ogs from "open-graph-scraper";
import Validator from "@adobe/structured-data-validator";
import extractor from "@marbec/web-auto-extractor";
const html = readFileSync(0, "utf8");
const { error, result } = await ogs({ html });
const WebAutoExtractor = extractor.default ?? extractor;
const found = new WebAutoExtractor({ addLocation: true, embedSource: ["rdfa", "microdata"] }).parse(html);
const issues = await new Validator().validate(found);
console.log(JSON.stringify({ error, graph: result, structured: found.jsonld, issues }));
"""
SITEMAP = """
import { Readable } from "node:stream";
import { readFileSync } from "node:fs";
import { ErrorLevel, XMLToSitemapItemStream, streamToPromise } from "sitemap";
const items = [];
const reader = new XMLToSitemapItemStream({ level: ErrorLevel.THROW });
for await (const item of Readable.from([readFileSync(0)]).pipe(reader)) items.push(item);
console.log(JSON.stringify(items));
"""


def read_page(html: str) -> dict[str, Any]:
    """What the Open Graph parser finds (`graph`), and what the validator has to say of the structured data (`issues`)."""
    found: dict[str, Any] = _run(PAGE, html)
    return found


def read_sitemap(xml: bytes) -> list[dict[str, Any]]:
    """Its entries, by a reader that throws at what is no sitemap."""
    found: list[dict[str, Any]] = _run(SITEMAP, xml.decode())
    return found


def sitemap_schema() -> Path:
    """The schema of sitemaps.org, as the package carries it."""
    npm.install(FOLDER.name, *PACKAGES)
    return FOLDER / "node_modules" / "sitemap" / "schema" / "sitemap.xsd"


def vocabulary_errors(described: dict[str, Any], kind: str) -> list[str]:
    """What Google's types of the schema.org vocabulary (schema-dts) say of a description, as the TypeScript compiler tells it."""
    npm.install(FOLDER.name, *PACKAGES)
    source = FOLDER / "described.ts"
    source.write_text(
        f'import type {{ {kind}, WithContext }} from "schema-dts";\n'
        f"export const described: WithContext<Exclude<{kind}, string>> = {json.dumps(described, indent=1)};\n"
    )
    compiler = FOLDER / "node_modules" / "typescript" / "bin" / "tsc"
    options = ["--noEmit", "--strict", "--skipLibCheck", "--moduleResolution", "bundler", "--module", "esnext"]
    command = [npm.node(), str(compiler), "--ignoreConfig", *options, "--pretty", "false", str(source)]
    done = subprocess.run(command, capture_output=True, check=False, text=True, cwd=FOLDER, timeout=120)
    return done.stdout.splitlines()


def _run(script: str, text: str) -> Any:
    npm.install(FOLDER.name, *PACKAGES)
    command = [npm.node(), "--input-type=module", "-e", script]
    done = subprocess.run(command, input=text, capture_output=True, check=False, text=True, cwd=FOLDER, timeout=60)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)
