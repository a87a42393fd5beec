"""Files that tabs bring: one tab's Delete takes its own, and no sentence tells where they lie."""

from pathlib import Path

import pytest
from gradio.utils import get_upload_folder

from mmattr_app.ui.examples import Example
from tests.ui.client import Client, sentences


def arrive(address: str, picture: Path) -> tuple[Client, Path]:
    """Open a tab and bring a picture."""
    client = Client(address)
    file = client.upload(picture)
    client.fill(image=file, prompt="Who asks?")
    assert "256 regions" in sentences(client.call("picture"))
    return client, Path(file["path"])


def test_a_new_picture_empties_only_a_text_that_was_there_before_it(address: str, own_picture: Path) -> None:
    client = Client(address)
    client.fill(image=client.upload(own_picture), text="a dog")
    assert client.call("picture")[-1]["output"]["data"][1] == ""
    client.fill(text="")
    typed_meanwhile = client.call("picture")[-1]["output"]["data"][1]
    assert "value" not in typed_meanwhile, "what somebody types until this reply arrives would be lost"


def test_one_tab_s_delete_leaves_the_same_picture_of_another(address: str, own_picture: Path) -> None:
    one, file = arrive(address, own_picture)
    other, same = arrive(address, own_picture)
    assert file == same
    one.call("delete")
    assert file.exists()
    assert '"state": "done"' in sentences(other.call("explain"))
    other.call("delete")
    assert not file.exists()


@pytest.mark.parametrize("name", ["explain", "find", "preview", "recut", "draw", "picture"])
def test_a_picture_that_is_gone_is_a_sentence_without_a_path(
    address: str, own_picture: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    client, file = arrive(address, own_picture)
    client.call("delete")
    client.fill(choice="drawn" if name == "draw" else "grid")
    told = sentences(client.call(name, event_data={"shapes": []}))
    assert "This picture is not kept any more; choose it again." in told
    assert str(file.parent) not in told
    assert "Traceback" not in capfd.readouterr().err


def test_masks_that_are_gone_are_a_sentence_without_a_path(address: str, own_picture: Path) -> None:
    client, file = arrive(address, own_picture)
    masks = client.upload(own_picture)
    client.fill(choice="file", masks={**masks, "path": masks["path"].replace("own.png", "gone.png")})
    told = sentences(client.call("explain"))
    assert "This file of masks is not kept any more; choose it again." in told
    assert str(file.parent) not in told


def test_whoever_uploads_an_example_s_picture_cannot_delete_the_example(address: str, example: Example) -> None:
    client = Client(address)
    client.fill(image=client.upload(example.picture))
    for _ in range(2):  # the first is taken for the one that the page itself shows at its start
        client.call("picture")
    client.call("delete")
    file = client.form[client.number["image"]]["path"]
    assert client.http.get(f"/gradio_api/file={file}").is_success


def test_a_folder_is_not_deleted_as_if_it_were_a_picture(
    address: str, own_picture: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    client, file = arrive(address, own_picture)
    client.fill(image={"path": str(file.parent), "meta": {"_type": "gradio.FileData"}})
    client.call("picture")
    client.fill(image={"path": get_upload_folder(), "meta": {"_type": "gradio.FileData"}})
    client.call("picture")
    client.call("delete")
    assert Path(get_upload_folder()).is_dir()
    assert "Traceback" not in capfd.readouterr().err
