# One image for both profiles: `serve` (web with its own worker, data in /data) by default, and in compose.yaml the web and
# the worker apart. The base is the system that the tests run on, and the same script sets it up.
FROM debian:bookworm-slim

ENV PATH=/app/.venv/bin:$PATH \
    PIP_NO_CACHE_DIR=1 \
    PYTHONUNBUFFERED=1 \
    TESTIMONIALS_DATA_DIR=/data

WORKDIR /app

# Apart from the code, so that a change of code does not install ffmpeg again.
COPY .ci/setup .ci/constraints.txt .ci/
RUN .ci/setup system run && rm -rf /var/lib/apt/lists/*

COPY pyproject.toml README.md ./
COPY testimonials testimonials
COPY widgets widgets
COPY workers workers
# Compiled now, because the process cannot write here later.
RUN .ci/setup run && python -m compileall -q testimonials widgets workers

# A number nobody else uses: files of mounted folders then show whose they are.
RUN groupadd --gid 10001 testimonials \
    && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin testimonials \
    && install --directory --owner 10001 --group 10001 --mode 0700 /data
USER 10001:10001
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]

CMD ["testimonials", "serve", "--host", "0.0.0.0"]
