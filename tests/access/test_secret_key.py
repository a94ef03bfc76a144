import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from access.secret_key import BadKey, secret_key


def test_it_makes_a_key_once_for_this_user_alone(tmp_path):
    key = secret_key(tmp_path / "data")
    path = tmp_path / "data" / "secret.key"
    assert len(key) >= 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret_key(tmp_path / "data") == key
    assert [file.name for file in path.parent.iterdir()] == ["secret.key"]


def test_it_makes_one_key_when_many_start_at_once(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: secret_key(tmp_path), range(32)))) == 1


@pytest.mark.parametrize("key", ["", "short", "a" * 64, "changeme", "0123456789" * 2])
def test_it_refuses_to_start_with_a_short_or_simple_key(tmp_path, key):
    with pytest.raises(BadKey):
        secret_key(tmp_path, key)
    (tmp_path / "secret.key").write_text(key)
    (tmp_path / "secret.key").chmod(0o600)
    with pytest.raises(BadKey):
        secret_key(tmp_path)


def test_it_refuses_a_key_others_may_read(tmp_path):
    secret_key(tmp_path)
    (tmp_path / "secret.key").chmod(0o640)
    with pytest.raises(BadKey, match="chmod 600"):
        secret_key(tmp_path)
