FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 MALLOC_ARENA_MAX=2

RUN useradd --system --home-dir /app --shell /usr/sbin/nologin portal
WORKDIR /app

COPY requirements.txt .
RUN pip install --disable-pip-version-check -r requirements.txt

COPY manage.py ./
COPY connectors ./connectors
COPY leads ./leads
COPY portal ./portal
COPY static ./static
COPY templates ./templates

# The static files are the same wherever the image runs; the embedded defaults stand in for settings not known yet.
RUN python -m compileall -q . && PORTAL_VAR=/tmp/build python manage.py collectstatic --no-input \
    && mkdir -p var && mv /tmp/build/static var/static && rm -r /tmp/build

USER portal
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "16", \
     "--http", "1", "--no-ws", "--respawn-failed-workers", "portal.wsgi:application"]
