"""What was sealed stays readable: by any key that is still named, whichever release sealed it."""

from __future__ import annotations

import pytest

from leads.database.field_encryption import Vault

SECRET = "JBSWY3DPEHPK3PXP"
OLD_KEY, NEW_KEY = "a long random text", "a new one"
SEALED_BY_COMMIT_AB32938 = (  # with OLD_KEY
    "sealed:gAAAAABrCvyw356knQ9kZ-zsdN4InCr5-kPg72tRRYGDI3KocnFbOtFsoNYyyaHEI3eMfmY2KTvLMDLj-tf16OD"
    "yYvxpjdT40hIP5v7URV-ROBItbyU5LMk="
)


def test_a_secret_that_an_older_release_sealed_is_read_wherever_its_key_stands() -> None:
    for keys in ((OLD_KEY,), (NEW_KEY, OLD_KEY), (OLD_KEY, NEW_KEY)):
        assert Vault(keys).unseal(SEALED_BY_COMMIT_AB32938) == SECRET, keys
    assert Vault((NEW_KEY,)).unseal(SEALED_BY_COMMIT_AB32938) is None
    assert Vault().unseal(SEALED_BY_COMMIT_AB32938) is None


def test_only_the_first_key_seals_and_what_another_sealed_is_to_be_sealed_anew() -> None:
    before, rotated, after = Vault((OLD_KEY,)), Vault((NEW_KEY, OLD_KEY)), Vault((NEW_KEY,))
    assert before.is_sealed_as_configured(SEALED_BY_COMMIT_AB32938)
    assert not rotated.is_sealed_as_configured(SEALED_BY_COMMIT_AB32938)
    assert not rotated.is_sealed_as_configured(SECRET)
    anew = rotated.seal(SECRET)
    assert rotated.is_sealed_as_configured(anew)
    assert after.unseal(anew) == SECRET
    assert before.unseal(anew) is None


def test_what_is_damaged_is_read_by_no_key() -> None:
    assert Vault((OLD_KEY,)).unseal("sealed:") is None
    assert Vault((OLD_KEY,)).unseal(SEALED_BY_COMMIT_AB32938[:-4]) is None


def test_a_content_opens_with_any_key_as_that_of_its_own_record_alone() -> None:
    content = b"what somebody said" * 100
    before, rotated = Vault((OLD_KEY,)), Vault((NEW_KEY, OLD_KEY))
    sealed, anew = (one.seal_content(content, record="voicemail:1") for one in (before, rotated))
    assert content[:10] not in sealed
    assert rotated.unseal_content(sealed, record="voicemail:1") == content
    assert rotated.unseal_content(anew, record="voicemail:1") == content
    assert before.unseal_content(anew, record="voicemail:1") is None
    assert before.unseal_content(sealed, record="voicemail:2") is None
    for damaged in (b"", sealed[:5], sealed[:-1], b"\x02" + sealed[1:]):
        assert before.unseal_content(damaged, record="voicemail:1") is None
    assert sealed != before.seal_content(content, record="voicemail:1")


def test_no_content_is_kept_unsealed() -> None:
    with pytest.raises(ValueError, match="no key"):
        Vault().seal_content(b"what somebody said", record="voicemail:1")
