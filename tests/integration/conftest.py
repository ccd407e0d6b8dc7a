"""Fixtures that several files share."""
import pytest

from support.weir_node import WeirNode


@pytest.fixture
def nodes(tmp_path):
    """Starts nodes from the text of their files; each must end in order."""
    running = []

    def start(text):
        running.append(WeirNode(tmp_path / f"node{len(running)}", text))
        return running[-1]

    yield start
    for node in running:
        assert node.stop() == 0
