"""Imports of CSV files in the portal, by a real browser."""

import csv
import itertools
import os
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Download, Page, expect

from tests.calls.carrier import Carrier
from tests.portal.conftest import Visiting
from tests.portal.people import Visit, new_person
from tests.sip.digest import Login
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until

MARKUP = "<img src=x onerror=alert(1)>\"'"
WATCH = """() => new MutationObserver((changes) => {
  const told = document.getElementById("progress")?.textContent ?? "";
  sessionStorage.setItem("seen", (sessionStorage.getItem("seen") ?? "") + told);
}).observe(document.getElementById("progress"), {childList: true, subtree: true})"""
"""Keeps what the page says of progress, also when the next page comes."""
A_WHILE = 120_000  # milliseconds
_LINES = itertools.count(3_045_550_000)


def fresh() -> str:
    """A number that no other test has."""
    return f"+1{next(_LINES)}"


def _choose(page: Page, text: str, name: str = "rows.csv") -> None:
    page.get_by_label("CSV file").set_input_files(
        [{"name": name, "mimeType": "text/csv", "buffer": text.encode()}],
    )


def _preview(page: Page, text: str) -> None:
    _choose(page, text)
    page.get_by_role("button", name="Preview").click()


def _paste(page: Page, text: str) -> None:
    if not page.get_by_label("Rows, with the line").is_visible():
        page.get_by_text("Or paste rows").click()
    page.get_by_label("Rows, with the line").fill(text)
    page.get_by_role("button", name="Preview").click()


def _download(page: Page) -> Download:
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("^Import [0-9]")).click()
    return download.value


def _hidden(page: Page) -> dict[str, str]:
    """What the form sends beside the file."""
    names = ("csrf_token", "key", "digest")
    return {name: page.locator(f"#import input[name={name}]").input_value() for name in names}


def test_errors_are_previewed_corrected_and_a_call_to_an_imported_number_reaches_the_PBX(
    admin: Visit, carrier: Carrier
) -> None:
    credential = carrier.service.new_credential()
    pbx = carrier.pbx(credential=credential)
    assert pbx.register().status == 200
    first, second = fresh(), fresh()
    page = admin.go("/numbers/")
    page.get_by_role("link", name="Import").click()
    page.wait_for_load_state()
    good = f"{first},=SUM(A1:A9),,{credential.username}"
    _preview(page, f"number,label,tenant,credential\n{good}\n{second},{MARKUP.replace(chr(34), '')},acme-99,\n123,,,\n")
    expect(page.get_by_role("heading", name="2 of 3 rows cannot be imported")).to_be_visible()
    expect(page.get_by_role("button", name="Import")).to_have_count(0)
    wrong = page.get_by_role("row").nth(1)
    expect(wrong).to_contain_text("there is no tenant acme-99")
    expect(wrong).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.get_by_role("row").nth(2)).to_contain_text("E.164")
    assert not carrier.service.api.rows("/v1/numbers", prefix=first)
    _preview(page, f"number,label,tenant,credential\n{good}\n{second},{MARKUP.replace(chr(34), '')},,\n")
    expect(page.get_by_role("heading", name="2 phone numbers would be created")).to_be_visible()
    expect(page.locator("#preview img")).to_have_count(0)
    assert not carrier.service.api.rows("/v1/numbers", prefix=first)
    page.get_by_role("button", name="Import 2 rows").click()
    expect(page.get_by_role("status")).to_contain_text("2 phone numbers imported")
    page.goto(f"{page.url}?prefix=%2B{first[1:]}")
    expect(page.get_by_role("row").filter(has_text=first)).to_contain_text("=SUM(A1:A9)")
    carrier.service.settled()
    call = carrier.cores["nw1"].call(carrier.service.regions[0], first)
    call.until_answered()
    assert f"sip:{first}@" in pbx.calls[-1].invite.start
    call.hang_up()
    call.until_gone()


def test_C1_passwords_come_as_one_file_this_once(admin: Visit, carrier: Carrier, tmp_path: Path) -> None:
    page = admin.go("/imports/credentials")
    expect(page.get_by_text("Your browser gets it")).to_be_visible()
    _preview(page, "label,enabled\nImported site one\nImported site two,false\n".replace("one\n", "one,\n"))
    expect(page.get_by_role("heading", name="2 credentials would be created")).to_be_visible()
    download = _download(page)
    assert download.suggested_filename == "credentials-with-passwords.csv"
    download.save_as(tmp_path / "made.csv")
    made = list(csv.DictReader((tmp_path / "made.csv").read_text().splitlines()))
    assert [row["label"] for row in made] == ["Imported site one", "Imported site two"]
    expect(page.get_by_role("heading", name="2 credentials created")).to_be_visible()
    expect(page.get_by_role("button", name="Import")).to_have_count(0)
    assert made[0]["password"] not in page.content()
    carrier.service.settled()
    phone = carrier.network.phone(carrier.service.regions[0], Login(made[0]["username"], made[0]["password"]))
    assert phone.register().status == 200
    for file in (carrier.service.instance.home / "log").glob("*"):
        assert made[0]["password"] not in file.read_text(errors="replace")


def test_a_request_that_comes_twice_imports_once_and_tells_no_password_again(admin: Visit, service: Turnpike) -> None:
    page = admin.go("/imports/credentials")
    _preview(page, "label\nTwice asked\n")
    expect(page.get_by_role("button", name="Import 1 row")).to_be_visible()
    hidden = _hidden(page)
    with page.expect_download():
        page.get_by_role("button", name="Import 1 row").dblclick()
    assert len(service.api.rows("/v1/credentials", label="Twice asked")) == 1
    file = {"name": "rows.csv", "mimeType": "text/csv", "buffer": b"label\nTwice asked\n"}
    copy = admin.context.request.post(page.url, multipart=hidden | {"file": file})
    assert copy.status == 409
    assert "These were imported before" in copy.text()
    assert len(service.api.rows("/v1/credentials", label="Twice asked")) == 1
    another = file | {"buffer": b"label\nAnother file\n"}
    other = admin.context.request.post(page.url, multipart=hidden | {"file": another})
    assert other.status == 409
    assert "not the rows that were previewed" in other.text()
    assert not service.api.rows("/v1/credentials", label="Another file")
    unsigned = admin.context.request.post(page.url, multipart={"file": file, "digest": hidden["digest"]})
    assert unsigned.status == 400


def test_C2_no_password_is_made_for_a_browser_that_has_gone(admin: Visit, service: Turnpike) -> None:
    content = "label\n" + "Nobody waits\n" * 10_000
    page = admin.go("/imports/credentials")
    _preview(page, content)
    expect(page.get_by_role("button", name="Import 10")).to_be_visible(timeout=A_WHILE)
    hidden = _hidden(page)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            page.url,
            headers={"Cookie": "; ".join(f"{each['name']}={each['value']}" for each in admin.context.cookies())},
            data=hidden,
            files={"file": ("rows.csv", content.encode(), "text/csv")},
            timeout=httpx.Timeout(20, read=0.2),
        )
    asked = f"{page.url}/progress/{hidden['key']}"
    until(lambda: "Nothing was imported" in admin.context.request.get(asked).text(), 30, "the import is given up")
    assert not service.api.rows("/v1/credentials", label="Nobody waits")


def test_ten_thousand_rows_and_how_far_they_are(admin: Visit, service: Turnpike) -> None:
    page = admin.go("/imports/numbers")
    _preview(page, "number\n" + "".join(f"+4930{index:07}\n" for index in range(10_000)))
    expect(page.get_by_role("heading", name="10\u202f000 phone numbers would be created")).to_be_visible(
        timeout=A_WHILE
    )
    expect(page.get_by_role("row")).to_have_count(201)
    expect(page.get_by_text("9\u202f800 more rows")).to_be_visible()
    page.evaluate(WATCH)
    page.get_by_role("button", name="Import 10").click(no_wait_after=True)
    expect(page.get_by_role("status")).to_contain_text("10\u202f000 phone numbers imported", timeout=A_WHILE)
    seen = page.evaluate("sessionStorage.getItem('seen')")
    assert "Starting…" in seen or "10\u202f000 rows" in seen
    assert service.api.rows("/v1/numbers", prefix="+49300009999")
    page.goto(f"{service.instance.url}/portal/imports/numbers")
    _paste(page, "number\n" + "".join(f"+4930{index:07}\n" for index in range(9_990, 10_001)))
    expect(page.get_by_role("heading", name="10 of 11 rows cannot be imported")).to_be_visible()
    expect(page.get_by_role("row").nth(1)).to_contain_text("there is this number already")


def test_files_that_are_none_or_too_large_are_told_what_is_wrong(admin: Visit) -> None:
    page = admin.go("/imports/tenants")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("alert").filter(has_text="Choose a file")).to_be_visible()
    _preview(page, "name,password\nx,y\n")
    expect(page.get_by_role("alert").filter(has_text="the first line names the columns")).to_be_visible()
    _choose(page, "account_id,name\n" + "x" * 4_200_000)
    expect(page.get_by_role("alert").filter(has_text="larger than 4 MiB")).to_be_visible()
    _paste(page, "account_id,name\na-1,A\n")
    expect(page.get_by_role("heading", name="would be created")).to_have_count(0)
    _choose(page, "account_id,name\n" + "".join(f"t-{index},T\n" for index in range(10_001)))
    page.get_by_label("Rows, with the line").fill("")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("alert").filter(has_text="10001 rows")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Example file").click()
    assert download.value.path().read_text().startswith("account_id,name,contact")
    admin.complaints.clear()


def test_a_file_that_is_corrected_must_be_chosen_again(admin: Visit, tmp_path: Path) -> None:
    path = tmp_path / "tenants.csv"
    path.write_text("account_id,name\nbad id,Harbour\n")
    page = admin.go("/imports/tenants")
    page.get_by_label("CSV file").set_input_files(path)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="1 of 1 rows cannot be imported")).to_be_visible()
    path.write_text("account_id,name\nharbour-7,Harbour and more\n")
    os.utime(path, (2_000_000_000, 2_000_000_000))  # browsers look at the second
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("alert").filter(has_text="choose it again")).to_be_visible()
    page.get_by_label("CSV file").set_input_files(path)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="1 tenant would be created")).to_be_visible()
    page.get_by_role("button", name="Import 1 row").click()
    expect(page.get_by_role("status")).to_contain_text("1 tenant imported")
    admin.complaints.clear()


def test_somebody_elses_number_meanwhile_imports_nothing(admin: Visit, service: Turnpike) -> None:
    taken, free = fresh(), fresh()
    page = admin.go("/imports/numbers")
    _preview(page, f"number\n{taken}\n{free}\n")
    expect(page.get_by_role("button", name="Import 2 rows")).to_be_visible()
    service.api.send("POST", "/v1/numbers", {"number": taken})
    page.get_by_role("button", name="Import 2 rows").click()
    expect(page.get_by_role("heading", name="1 of 2 rows cannot be imported")).to_be_visible()
    expect(page.get_by_role("row").nth(1)).to_contain_text("there is this number already")
    assert not service.api.rows("/v1/numbers", prefix=free)
    admin.complaints.clear()


@pytest.mark.parametrize(("kind", "allowed"), [("credentials", True), ("numbers", False), ("tenants", False)])
def test_a_tenants_people_import_credentials_for_themselves_only(
    visiting: Visiting, service: Turnpike, kind: str, allowed: bool
) -> None:
    tenant = f"import-{kind}"
    service.api.send("POST", "/v1/tenants", {"account_id": tenant, "name": "Imports"})
    visit = visiting(new_person(service, f"tess@{tenant}.example", "operate", tenant))
    page = visit.go(f"/imports/{kind}")
    expect(page.get_by_role("heading", name="You may not see this")).to_have_count(0 if allowed else 1)
    if allowed:
        _paste(page, "label,tenant\nMine,\nTheirs,acme-1\n")
        expect(page.get_by_role("heading", name="1 of 2 rows cannot be imported")).to_be_visible()
        _paste(page, "label\nTenant's import\n")
        expect(page.get_by_role("row").nth(1)).to_contain_text(tenant)
        _download(page)
        rows = until(lambda: service.api.rows("/v1/credentials", label="Tenant's import"), 5, "it is made")
        assert rows[0]["tenant"] == tenant
    visit.complaints.clear()
