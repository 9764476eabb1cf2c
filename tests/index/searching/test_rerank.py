"""The reranker: a tiny real cross-encoder, loaded as a large one would be, and the order that it gives."""

import json
import re
import shutil
from contextlib import closing

import numpy as np
import pytest
from encoders import BY_WORDS, HashEncoder
from launcher import Terminal

from bot.assistant import Assistant
from bot.config import load
from evaluation.judged import JudgedQuestion, JudgedSet
from evaluation.measure import evaluate
from index.encoding.models import DEFAULT_MODEL, ModelError
from index.searching.rerank import Reranker

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "?"]
WORDS = [*PIECES, "where", "is", "the", "glacier", "river", "north", "south", "east", "of", "in"]
QUESTION = "Where is the glacier, in the north?"
APART = "\nSign up to our newsletter for the latest news.\n"
"""Promotion between paragraphs, which would stand together otherwise."""
ARTICLE = APART.join(f"The glacier is {place} of the river." for place in ("north", "east", "south"))


def save(folder, model):
    """The folder of a model that knows WORDS."""
    from transformers import BertTokenizer

    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    model.save_pretrained(folder)
    return folder


def bert(kind, labels=1):
    """A tiny BERT with random weights."""
    import torch
    import transformers

    torch.manual_seed(1)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = transformers.BertConfig(vocab_size=len(WORDS), num_labels=labels, **sizes)
    return getattr(transformers, kind)(config)


@pytest.fixture
def random_folder(tmp_path):
    return save(tmp_path / "random", bert("BertForSequenceClassification"))


@pytest.fixture
def fond_of_south(tmp_path):
    """A cross-encoder that gives one score to texts with "south" in them, and a lower one to others."""
    import torch

    made = bert("BertForSequenceClassification")
    with torch.no_grad():
        for name, weights in made.named_parameters():
            weights.fill_(float(name.endswith("LayerNorm.weight")))
        layer = made.bert.encoder.layer[0].attention
        for passed_on in (layer.self.value, layer.output.dense, made.bert.pooler.dense):
            passed_on.weight.copy_(torch.eye(16))
        made.bert.embeddings.word_embeddings.weight[WORDS.index("south"), 0] = 1
        made.classifier.weight[0, 0] = 1
    return save(tmp_path / "south", made)


def assistant_with(tmp_path, reranker):
    (tmp_path / "articles").mkdir(exist_ok=True)
    (tmp_path / "articles/glacier.txt").write_text(f"About ice\n{ARTICLE}")
    settings = {"CITEWIRE_DATA": str(tmp_path / "data"), "CITEWIRE_CORPUS": str(tmp_path / "articles")}
    made = Assistant(load(settings | {"CITEWIRE_RERANKER": str(reranker)}), HashEncoder())
    made.take_in()
    made.reindex()
    return closing(made)


# The order.


def test_without_the_setting_there_is_no_reranker(tmp_path):
    with assistant_with(tmp_path, "") as assistant:
        assert "north" in assistant.ask(QUESTION).hits[0].text


@pytest.mark.slow
def test_the_reranker_orders_the_hits_and_leaves_those_it_holds_equal(tmp_path, fond_of_south):
    with assistant_with(tmp_path, "") as assistant:
        before = [hit.text for hit in assistant.ask(QUESTION).hits]
    with assistant_with(tmp_path, fond_of_south) as assistant:
        hits = assistant.ask(QUESTION).hits
    [liked] = [text for text in before if "south" in text]
    assert before[0] != liked
    assert [hit.text for hit in hits] == [liked, *(text for text in before if text != liked)]
    assert hits[0].score > hits[1].score == hits[2].score


def test_a_passage_from_below_the_fewer_hits_is_brought_up(tmp_path, fond_of_south):
    with assistant_with(tmp_path, fond_of_south) as assistant:
        [hit] = assistant.ask(QUESTION, 1).hits
        assert "south" in hit.text
        assert hit.text == hit.article.text[hit.start : hit.end]


def test_the_confidence_is_that_of_the_passage_that_comes_first(tmp_path, fond_of_south):
    with assistant_with(tmp_path, "") as assistant:
        plain = assistant.ask(QUESTION)
    with assistant_with(tmp_path, fond_of_south) as assistant:
        reranked = assistant.ask(QUESTION)
    sure = {hit.text: hit.confidence for hit in plain.hits}
    assert reranked.confidence == sure[reranked.hits[0].text] < plain.confidence


def test_an_evaluation_measures_the_order_of_the_reranker_and_names_it(fond_of_south):
    answer = ARTICLE.splitlines()[-1]
    spans = ((ARTICLE.index(answer), len(ARTICLE)),)
    article = {"id": "ice", "title": "About ice", "text": ARTICLE}
    judged = JudgedSet("ice", [article], [JudgedQuestion(QUESTION, "ice", spans, "own")])
    plain, reranked = (
        evaluate(judged, HashEncoder(), [], lambda _done, _total: None, BY_WORDS, reranker).figures()
        for reranker in (None, Reranker(str(fond_of_south)))
    )
    assert (plain["hit@1"], reranked["hit@1"]) == (0, 1)
    assert plain["reranker"] is None
    assert re.fullmatch("south@[0-9a-f]{12}", reranked["reranker"])


# The model.


def test_scores_are_those_of_the_library_in_float32(random_folder):
    from sentence_transformers import CrossEncoder
    from torch.nn import Identity

    texts = [f"the {' '.join(WORDS[i : i + 3])} in the north ." for i in range(7, 14)]
    exact = CrossEncoder(str(random_folder), device="cpu", local_files_only=True)
    true = exact.predict([(QUESTION, text) for text in texts], activation_fn=Identity())
    scores = Reranker(str(random_folder)).scores(QUESTION, texts)
    assert scores.dtype == np.float32
    assert np.abs(scores - true).max() < 0.1 * np.ptp(true)


def test_no_texts_have_no_scores(random_folder):
    assert len(Reranker(str(random_folder)).scores(QUESTION, [])) == 0


def refused(name):
    """The sentence that refuses the model, when it is named or when it is loaded."""
    with pytest.raises(ModelError) as caught:
        Reranker(str(name)).scores(QUESTION, ["The glacier."])
    said = str(caught.value)
    assert said.startswith("CITEWIRE_RERANKER")
    return said


def test_a_folder_without_safetensors_is_refused(random_folder):
    (random_folder / "model.safetensors").rename(random_folder / "pytorch_model.bin")
    said = refused(random_folder)
    assert said.endswith("which has no .safetensors weights: use one that has.")
    assert "\n" not in said


@pytest.mark.parametrize("name", ["nobody/no-such-model", "nosuchmodel", "/no/such/folder", "two words"])
def test_an_unknown_model_is_refused(name):
    assert refused(name).startswith(f"CITEWIRE_RERANKER names {name!r}, which is neither a folder nor in")


def test_what_is_no_cross_encoder_is_refused_rather_than_given_a_random_head(tmp_path):
    for name in (DEFAULT_MODEL, save(tmp_path / "bert", bert("BertModel"))):
        assert refused(name).endswith("which is no cross-encoder with one score a pair.")


def test_a_cross_encoder_with_several_labels_is_refused(tmp_path):
    folder = save(tmp_path / "nli", bert("BertForSequenceClassification", labels=3))
    assert refused(folder).endswith("which is no cross-encoder with one score a pair.")


DAMAGE = [
    ("model.safetensors", b"no weights"),
    ("config.json", b"{"),
    ("config.json", b'{"model_type": "bert"}'),
]


@pytest.mark.parametrize(("file", "content"), DAMAGE)
def test_a_damaged_folder_is_told_when_it_is_loaded(random_folder, file, content):
    (random_folder / file).write_bytes(content)
    assert "can't be loaded" in refused(random_folder)


def test_the_model_is_loaded_before_the_first_question_and_then_kept(tmp_path, fond_of_south):
    with assistant_with(tmp_path, fond_of_south) as assistant:
        assistant.warm_up()
        shutil.rmtree(fond_of_south)
        assert "south" in assistant.ask(QUESTION).hits[0].text


def test_citewire_ask_reranks_without_a_network(tmp_path, fond_of_south, monkeypatch):
    def refuse(*_values, **_named):
        raise AssertionError("a connection was tried")

    (tmp_path / "articles").mkdir()
    (tmp_path / "articles/glacier.txt").write_text(f"About ice\n{ARTICLE}")
    settings = {"CITEWIRE_CORPUS": str(tmp_path / "articles"), "CITEWIRE_RERANKER": str(fond_of_south)}
    citewire = Terminal(tmp_path / "data", HashEncoder(), **settings)
    for place in ("socket.socket.connect", "socket.create_connection", "socket.getaddrinfo"):
        monkeypatch.setattr(place, refuse)
    done = citewire("ask", QUESTION, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["hits"][0]["text"] == "The glacier is south of the river."
