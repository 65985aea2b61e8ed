"""A model of "the release before", made of the present one: training takes half a minute."""

import io
import json
import tarfile
from pathlib import Path

FORMER_WORDS = "前の版の文面です。"


def write_former_model(present: Path, former: Path) -> None:
    """The present model, in which one answer (where the registration number is) reads otherwise."""
    with tarfile.open(present) as source, tarfile.open(former, "w:gz", compresslevel=1) as target:
        for item in source:
            content = source.extractfile(item)
            if item.name.endswith("metadata.json") and content is not None:
                metadata = json.load(content)
                words = metadata["domain"]["responses"]["utter_registration_number"]
                words[:] = [{"text": FORMER_WORDS, "custom": {"topic": "registration_number"}}]
                data = json.dumps(metadata).encode()
                item.size = len(data)
                content = io.BytesIO(data)
            target.addfile(item, content)
