# For Windows, macOS and ARM machines, where MXNet 1.9.1 has no wheel:
#
#   docker build -t d2l_nst .
#   docker run --rm -v "$PWD/img:/d2l_nst/img" d2l_nst
#
# The second line runs `make demo` and leaves the picture in img/.
# Another target goes at its end: docker run --rm d2l_nst make test
FROM --platform=linux/amd64 python:3.11-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 make \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /d2l_nst
COPY . .
RUN make env

CMD ["make", "demo"]
