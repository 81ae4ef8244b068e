"""What players of others weigh: their own minified script and style sheet from the npm registry, in exact versions."""

from __future__ import annotations

from pathlib import Path

import brotli

from widgets import build, npm

# Package → the files that its own documentation tells a page to load.
PEERS = {
    "lite-youtube-embed@0.3.4": ("src/lite-yt-embed.js", "src/lite-yt-embed.css"),
    "plyr@3.8.4": ("dist/plyr.min.js", "dist/plyr.css"),
    "media-chrome@4.19.4": ("dist/iife/index.js",),
    "video.js@8.24.1": ("dist/video.min.js", "dist/video-js.min.css"),
}


def weights() -> dict[str, int]:
    """Package → bytes as brotli. Players alone: no wall, no sharing, no counting."""
    there = npm.install("widget-peers", *PEERS)
    return {
        package: sum(_packed(there / package.rpartition("@")[0] / file) for file in files)
        for package, files in PEERS.items()
    }


def _packed(file: Path) -> int:
    body = file.read_bytes()
    if ".min." not in file.name and file.suffix in (
        ".js",
        ".css",
    ):  # theirs to minify; done for them, so that it is fair
        body = build.esbuild(f"--loader={file.suffix[1:]}", "--minify", stdin=body)
    return len(brotli.compress(body, quality=11))
