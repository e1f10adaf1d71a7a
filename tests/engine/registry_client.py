# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that sends what the checks of a registry ask for, to the letter, and small images for it."""

import hashlib
import http.client
import json

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
ACCEPT = [("Accept", type) for type in (MANIFEST, INDEX, DOCKER, LIST)]
OCTETS = [("Content-Type", "application/octet-stream")]


def digest(data, algorithm="sha256"):
    return algorithm + ":" + hashlib.new(algorithm, data).hexdigest()


def as_json(value):
    return json.dumps(value).encode()


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def code(self):
        """Of its first error; None when the body has none."""
        try:
            return self.json()["errors"][0]["code"]
        except (ValueError, KeyError, TypeError):
            return None


class Registry:
    """A registry that runs; `ours` says which one, where the two may differ."""

    def __init__(self, port, ours):
        self.port, self.ours = port, ours

    def ask(self, method, path, body=None, headers=(), chunked=False):
        path = path.split("/", 3)[3].join(["/", ""]) if path.startswith("http") else path
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        if chunked:
            connection.putheader("Transfer-Encoding", "chunked")
        elif body is not None or method in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", str(len(body or b"")))
        connection.endheaders()
        if chunked:
            for start in range(0, len(body), 1000):
                part = body[start:start + 1000]
                connection.send(b"%x\r\n%s\r\n" % (len(part), part))
            connection.send(b"0\r\n\r\n")
        elif body:
            connection.send(body)
        answer = Answer(connection.getresponse())
        connection.close()
        return answer

    def begin(self, name):
        answer = self.ask("POST", "/v2/%s/blobs/uploads/" % name)
        assert answer.status == 202, answer.status
        return answer.headers["location"]

    def put(self, location, data, wanted, headers=()):
        mark = "&" if "?" in location else "?"
        return self.ask("PUT", location + mark + "digest=" + wanted, data, OCTETS + list(headers))

    def push_blob(self, name, data):
        answer = self.put(self.begin(name), data, digest(data))
        assert answer.status == 201, (answer.status, answer.body)
        return digest(data)

    def push_manifest(self, name, selector, manifest, type=MANIFEST):
        return self.ask("PUT", "/v2/%s/manifests/%s" % (name, selector), manifest, [("Content-Type", type)])

    def get(self, path, headers=()):
        return self.ask("GET", path, None, headers)


CONFIG = as_json({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}})
BLOB = b"0123456789" * 100


def make_manifest(config=CONFIG, layers=(), **more):
    return as_json(dict({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(config),
                   "size": len(config)},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest(layer),
                    "size": len(layer)} for layer in layers]}, **more))


def push_image(r, name, tag, manifest=None):
    manifest = manifest or make_manifest()
    r.push_blob(name, CONFIG)
    answer = r.push_manifest(name, tag, manifest)
    assert answer.status == 201, (answer.status, answer.body)
    return digest(manifest)
