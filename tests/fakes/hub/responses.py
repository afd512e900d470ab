"""JSON responses of the fake Hub."""

import zlib
from functools import cache
from typing import cast
from urllib.parse import parse_qs, urlencode

from tests.fakes.hub.repos import MediaFile, Repo, digest


@cache
def bomb() -> bytes:
    """A small body that unpacks to 200 MB."""
    packer = zlib.compressobj(1, wbits=31)
    pieces = [packer.compress(b'[{"id":"')]
    pieces += [packer.compress(b"a" * 10**6) for _ in range(200)]
    return b"".join([*pieces, packer.flush()])


def search(
    repos: dict[str, Repo], query: dict[str, list[str]], url: str
) -> tuple[int, list[dict[str, object]], dict[str, str]]:
    """One page of models, and the link to the next."""
    text = query.get("search", [""])[0].lower()
    tag, tags = query.get("pipeline_tag", [None])[0], set(query.get("filter", []))
    found = [
        repo for repo in repos.values()
        if text in repo.id.lower() and tag in {None, repo.meta.get("pipeline_tag")}
        and tags <= set(cast("list[str]", repo.meta.get("tags", []))) and not repo.private
    ]  # fmt: skip
    start = int(query.get("cursor", ["0"])[0])
    end = start + int(query.get("limit", ["1000"])[0])
    headers: dict[str, str] = {}
    if end < len(found):
        again = {name: values[0] for name, values in query.items()} | {"cursor": str(end)}
        headers["Link"] = f'<{url}/api/models?{urlencode(again)}>; rel="next"'
    return 200, [info(repo, repo.refs["main"]) for repo in found[start:end]], headers


def about(name: str, repo: Repo, commit: str, values: dict[str, str], body: bytes) -> object:
    """Response to every request for one repository except its files."""
    files = repo.commits[commit]
    if name == "info":
        return info(repo, commit)
    if name == "tree":
        below = values.get("path", "")
        listed = [entry(file) for path, file in files.items() if path.startswith(below)]
        return repo.index_override if repo.index_override is not None else listed
    if name == "paths":
        wanted = parse_qs(body.decode()).get("paths", [])
        return [entry(files[path]) for path in wanted if path in files]
    if name == "refs":
        return refs(repo)
    if name == "discussions":
        return discussions(repo)
    return {}


def info(repo: Repo, commit: str) -> dict[str, object]:
    """`model_info`, with sizes as `blobs=true` asks for."""
    siblings = [
        {"rfilename": path, "size": file.size, "blobId": digest(file)[:40]}
        for path, file in repo.commits[commit].items()
    ]
    known: dict[str, object] = {
        "id": repo.id, "modelId": repo.id, "sha": commit, "siblings": siblings,
        "gated": repo.gated, "private": repo.private, "tags": [], "downloads": 0, "likes": 0,
        "library_name": "transformers", "lastModified": "2026-11-01T00:00:00.000Z",
    }  # fmt: skip
    return known | repo.meta


def entry(file: MediaFile) -> dict[str, object]:
    """One line of a tree; no xetHash, or the client would go to another server."""
    line: dict[str, object] = {
        "type": "file", "path": file.path, "size": file.size, "oid": digest(file)[:40],
    }  # fmt: skip
    if file.is_lfs:
        line["lfs"] = {"oid": digest(file), "size": file.size, "pointerSize": 135}
    return line


def discussions(repo: Repo) -> dict[str, object]:
    """The open pull requests of everybody: a client must not rely on the filter."""
    pulls = [name for name in repo.refs if name.startswith("refs/pr/")]
    found = [
        {
            "num": int(name.rpartition("/")[2]), "isPullRequest": True, "status": "open",
            "title": "Proposed change", "author": {"name": repo.authors.get(name, "someone")},
        }
        for name in pulls
    ]  # fmt: skip
    return {"discussions": found, "count": len(found), "start": 0}


def refs(repo: Repo) -> dict[str, object]:
    """Branches and pull requests."""
    pulls = [name for name in repo.refs if name.startswith("refs/pr/")]
    branches = [name for name in repo.refs if name not in pulls]

    def reference(name: str, ref: str) -> dict[str, object]:
        return {"name": name, "ref": ref, "targetCommit": repo.refs[name]}

    return {
        "branches": [reference(name, f"refs/heads/{name}") for name in branches],
        "tags": [],
        "converts": [],
        "pullRequests": [reference(name, name) for name in pulls],
    }
