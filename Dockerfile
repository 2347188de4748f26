# The hub, its commands, and the simulated neighbours of the sandbox, as one image.
#
# Pinned by version: a tag can be moved, a digest cannot. Where you build, pin the digest of what
# you have looked at:  docker build --build-arg PYTHON=python:3.13.7-slim-trixie@sha256:… .
ARG PYTHON=python:3.13.7-slim-trixie

FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv --without-pip /opt/hub
# Wheels only, each with the hash that the lock file has: nothing is compiled, nothing is newer.
COPY requirements.lock ./
RUN pip --python /opt/hub/bin/python install --require-hashes --only-binary :all: \
    -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY hub hub
COPY adapters adapters
COPY xsd xsd
RUN pip --python /opt/hub/bin/python install --no-deps --no-build-isolation --no-index .

FROM ${PYTHON}
# `hub backup` calls pg_dump, which may not be older than the server: Debian 13 has 17. There is no
# pip: what runs here is what was built.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && pip uninstall --yes --quiet --root-user-action ignore pip
# A number of its own that no distribution gives away, the same in every version of this image:
# the folders outside belong to it.
RUN groupadd --gid 10001 hub \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/hub \
       --shell /usr/sbin/nologin hub \
    && install -d -o hub -g hub -m 0700 /var/lib/hub /var/lib/hub/documents /var/lib/sandbox \
       /var/backups/hub \
    && install -d /etc/hub
COPY --from=build /opt/hub /opt/hub
COPY deploy/alive.py /opt/alive.py
ENV PATH=/opt/hub/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HUB_ACCESS=/etc/hub/access.yaml \
    HUB_DOCUMENTS=/var/lib/hub/documents \
    HUB_HTTP_HOST=0.0.0.0 \
    HUB_ROUTING=/etc/hub/routing.yaml
USER 10001:10001
WORKDIR /var/lib/hub
EXPOSE 8090
# The hub takes nothing new and finishes what is at work: an adapter may take a minute.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "/opt/alive.py"]
ENTRYPOINT ["hub"]
CMD ["run"]
