"""`make bench [ONLY=name]`: every benchmark, one line each; exits 1 where one is short of its bar."""

from __future__ import annotations

import sys

from tests.bench import (
    beacon_rate,
    captions,
    cold_start,
    collect_weight,
    console_pages,
    feed_rate,
    ledger_month,
    lighthouse,
    list_scale,
    pipeline_limit,
    pipeline_memory,
    pipeline_peers,
    ready_latency,
    submit_latency,
    upload_cuts,
    upload_throughput,
    widget_main_thread,
    widget_weight,
)
from tests.bench.measure import machine

BENCHMARKS = {
    "pipeline-limit": pipeline_limit.measure,
    "pipeline-peers": pipeline_peers.measure,
    "pipeline-memory": pipeline_memory.measure,
    "ready-latency": ready_latency.measure,
    "submit-latency": submit_latency.measure,
    "captions": captions.measure,
    "cold-start": cold_start.measure,
    "widget-weight": widget_weight.measure,
    "widget-main-thread": widget_main_thread.measure,
    "collect-weight": collect_weight.measure,
    "console-pages": console_pages.measure,
    "feed-rate": feed_rate.measure,
    "beacon-rate": beacon_rate.measure,
    "upload-cuts": upload_cuts.measure,
    "upload-throughput": upload_throughput.measure,
    "attribution-truth": ledger_month.attribution,
    "report-scale": ledger_month.report_scale,
    "list-scale": list_scale.measure,
    "lighthouse": lighthouse.measure,
}


def main(wanted: list[str]) -> int:
    unknown = [name for name in wanted if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}. There are: {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    print(f"# {machine()}", flush=True)
    results = []
    for name in wanted or BENCHMARKS:
        result = BENCHMARKS[name]()
        print(result.line(), flush=True)
        results.append(result)
    return 0 if all(result.ok for result in results) else 1


sys.exit(main(sys.argv[1:]))
