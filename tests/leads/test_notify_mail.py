from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import close_old_connections, connections
from django.utils import timezone
from pytest_django.fixtures import Settings

from leads.models import Contact, Notice
from leads.notify import contacts, mail, outbox
from leads.notify.contacts import Wishes
from tests.factories import make_publisher
from tests.leads.postbox import HANG, HANG_UP, Postbox, postbox

pytestmark = pytest.mark.django_db

ADA, GRACE = "ada@contoso.example", "grace@contoso.example"


@pytest.fixture
def box(settings: Settings) -> Iterator[Postbox]:
    with postbox() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        yield server


def put(*emails: str, about: str = "held") -> None:
    """Put a mail for each address into the outbox."""
    publisher = make_publisher()
    contacts.add(publisher, emails, Wishes(problems=True))
    whom = Contact.objects.filter(email__in=emails)
    outbox.tell(publisher, Notice.Kind.TEST, about, whom)


def states() -> dict[str, str]:
    return {notice.recipient: notice.state for notice in Notice.objects.all()}


def later(old: timedelta | None = None) -> int:
    """Send again once what waits is due, and the mails are that old."""
    if old is not None:
        Notice.objects.update(created_at=timezone.now() - old)
    Notice.objects.unended().update(due_at=timezone.now() - timedelta(seconds=1))
    return mail.send_due()


def test_each_address_gets_a_mail_of_its_own(box: Postbox) -> None:
    put(ADA, GRACE)
    assert mail.send_due() == 2
    assert box.recipients() == [ADA, GRACE]
    assert [str(taken.message["To"]) for taken in sorted(box.taken, key=lambda taken: taken.recipient)] == [ADA, GRACE]
    assert states() == {ADA: "delivered", GRACE: "delivered"}


def test_a_mail_says_that_a_machine_wrote_it_and_who_sends_it(box: Postbox) -> None:
    put(ADA)
    mail.send_due()
    [message] = [taken.message for taken in box.taken]
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["From"] == "Publisher Portal <portal@localhost>"
    assert message["Subject"] == "Mail from the portal arrives"


def test_all_that_is_due_goes_over_one_connection(box: Postbox) -> None:
    put(*(f"person-{number}@contoso.example" for number in range(12)))
    assert mail.send_due() == 12
    assert box.connections == 1


def test_nothing_due_calls_no_mail_server(box: Postbox) -> None:
    assert mail.send_due() == 0
    assert box.connections == 0


def test_what_was_sent_is_not_sent_again(box: Postbox) -> None:
    put(ADA)
    assert [mail.send_due(), mail.send_due(), later()] == [1, 0, 0]
    assert box.recipients() == [ADA]


def test_who_has_been_told_of_a_thing_is_not_told_again(box: Postbox) -> None:
    for _ in range(3):
        put(ADA, about="trouble 4 held")
    put(ADA, about="trouble 5 held")
    assert mail.send_due() == 2


def test_a_mail_server_that_is_down_loses_nothing(box: Postbox, settings: Settings) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = nobody.getsockname()[1]
        put(ADA, GRACE)
        assert [mail.send_due() for _ in range(3)] == [0, 0, 0]
    assert states() == {ADA: "waiting", GRACE: "waiting"}
    assert later(timedelta(days=30)) == 0, "not even a month makes it give up"
    assert states() == {ADA: "waiting", GRACE: "waiting"}
    settings.EMAIL_PORT = box.port
    assert later() == 2
    assert box.recipients() == [ADA, GRACE]


def test_while_the_server_is_down_one_mail_tries_and_the_others_wait_for_it(box: Postbox) -> None:
    box.always("CONNECT", "421 too busy")
    put(*(f"person-{number}@contoso.example" for number in range(5)))
    mail.send_due()
    assert box.connections == 1
    assert sorted(Notice.objects.values_list("tries", flat=True)) == [0, 0, 0, 0, 1]


def test_an_address_that_is_put_off_is_tried_later_and_holds_up_nobody(box: Postbox) -> None:
    box.replies["RCPT"] = lambda line: "451 come back later" if ADA in line else "250 ok"
    put(ADA, GRACE)
    before = timezone.now()
    assert mail.send_due() == 1
    assert states() == {ADA: "waiting", GRACE: "delivered"}
    [waiting] = Notice.objects.unended()
    assert "451 come back later" in waiting.problem
    assert timedelta(seconds=59) < waiting.due_at - before < timedelta(seconds=90)
    box.replies.clear()
    assert mail.send_due() == 0
    assert later() == 1
    assert box.recipients() == [ADA, GRACE]


def test_waits_grow_to_ten_minutes(box: Postbox) -> None:
    box.always("RCPT", "451 come back later")
    put(ADA)
    waits = []
    for _ in range(6):
        later()
        [notice] = Notice.objects.all()
        waits.append(round((notice.due_at - timezone.now()).total_seconds() / 60))
    assert waits == [1, 2, 4, 8, 10, 10]


def test_an_address_that_is_put_off_for_five_days_is_given_up(box: Postbox) -> None:
    box.always("RCPT", "452 mailbox full")
    put(ADA)
    later(timedelta(days=4))
    assert states() == {ADA: "waiting"}
    later(timedelta(days=5, minutes=1))
    [notice] = Notice.objects.all()
    assert (notice.state, notice.problem) == ("rejected", "452 mailbox full")


@pytest.mark.parametrize("command", ["RCPT", "."])
def test_a_mail_that_is_refused_for_good_ends_with_what_the_server_said(box: Postbox, command: str) -> None:
    box.replies[command] = lambda line: "550 5.1.1 no such user" if ADA in line else "250 ok"
    put(ADA, GRACE)
    mail.send_due()
    assert states() == {ADA: "rejected", GRACE: "delivered"}
    assert Notice.objects.get(recipient=ADA).problem == "550 5.1.1 no such user"
    assert later() == 0
    assert box.recipients() == [GRACE]


def test_a_sender_that_is_refused_is_no_fault_of_the_mail(box: Postbox) -> None:
    box.always("MAIL", "550 not from here")
    put(ADA)
    later()
    assert states() == {ADA: "waiting"}
    box.replies.clear()
    assert later() == 1


@pytest.mark.parametrize("command", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."])
def test_a_server_that_hangs_is_left_after_a_while_and_the_mail_waits(
    box: Postbox, settings: Settings, command: str
) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    box.always(command, HANG)
    put(ADA, GRACE)
    began = timezone.now()
    assert mail.send_due() == 0
    assert timezone.now() - began < timedelta(seconds=3)
    assert states() == {ADA: "waiting", GRACE: "waiting"}
    box.replies.clear()
    settings.EMAIL_TIMEOUT = 5
    assert later() == 2
    assert box.recipients() == [ADA, GRACE]


def test_a_mail_whose_answer_was_lost_goes_again_under_the_same_message_id(box: Postbox) -> None:
    box.once(".", HANG_UP)
    put(ADA)
    assert mail.send_due() == 0
    assert later() == 1
    first, second = (taken.message["Message-ID"] for taken in box.taken)
    assert first == second


def test_message_ids_tell_mails_apart(box: Postbox) -> None:
    put(ADA, GRACE)
    put(ADA, about="something else")
    mail.send_due()
    assert len({taken.message["Message-ID"] for taken in box.taken}) == 3


def test_a_mail_in_the_hands_of_a_dead_worker_comes_back(box: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise SystemExit

    put(ADA)
    with monkeypatch.context() as dying:
        dying.setattr(mail, "_hand_over", die)
        with pytest.raises(SystemExit):
            mail.send_due()
    assert mail.send_due() == 0, "the dead worker's claim still holds"
    [notice] = Notice.objects.all()
    assert timedelta(minutes=4) < notice.due_at - timezone.now() <= mail.LEASE
    assert later() == 1


def test_what_a_slow_worker_learns_late_changes_nothing(box: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def overtaken(notice: Notice, server: object) -> mail.Answer:
        Notice.objects.filter(pk=notice.pk).update(tries=notice.tries + 1)
        return mail.Answer(mail.Verdict.REFUSED, "550 no such user")

    monkeypatch.setattr(mail, "_hand_over", overtaken)
    put(ADA)
    mail.send_due()
    [notice] = Notice.objects.all()
    assert (notice.state, notice.problem) == ("waiting", "")


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_send_each_mail_once(box: Postbox) -> None:
    def work(_: int) -> int:
        try:
            return mail.send_due()
        finally:
            connections.close_all()

    emails = sorted(f"person-{number:02}@contoso.example" for number in range(40))
    put(*emails)
    with ThreadPoolExecutor(4) as workers:
        sent = list(workers.map(work, range(4)))
    while mail.send_due():
        pass
    close_old_connections()
    assert box.recipients() == emails
    assert sum(sent) <= 40


def test_addresses_and_what_mails_say_stay_out_of_the_log(box: Postbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    box.always("RCPT", f"550 <{ADA}> is unknown here")
    put(ADA)
    mail.send_due()
    box.always("CONNECT", "554 go away")
    put(GRACE)
    mail.send_due()
    assert "The mail server is away (SMTPConnectError 554)." in caplog.text
    assert ADA not in caplog.text
    assert GRACE not in caplog.text


# Again, and no longer


def end(**told: datetime | str) -> Notice:
    put(ADA)
    Notice.objects.update(**told)
    return Notice.objects.get()


def test_what_was_sent_can_be_sent_again_as_a_mail_of_its_own(box: Postbox) -> None:
    put(ADA)
    mail.send_due()
    for _ in range(2):
        outbox.resend(Notice.objects.order_by("pk")[:1])
    assert mail.send_due() == 1, "asking twice sends once"
    assert len({taken.message["Message-ID"] for taken in box.taken}) == 2
    outbox.resend(Notice.objects.order_by("-pk")[:1])
    assert mail.send_due() == 1, "what was sent again can be sent again too"


def test_what_was_refused_can_be_sent_again_and_the_refusal_stays_on_record(box: Postbox) -> None:
    notice = end(refused_at=timezone.now(), problem="550 no such user")
    outbox.resend([notice])
    assert mail.send_due() == 1
    assert sorted(Notice.objects.values_list("problem", flat=True)) == ["", "550 no such user"]


def test_what_waits_can_be_tried_at_once(box: Postbox) -> None:
    notice = end(due_at=timezone.now() + timedelta(minutes=8))
    assert mail.send_due() == 0
    outbox.resend([notice])
    assert mail.send_due() == 1
    assert Notice.objects.count() == 1


def test_old_mails_are_forgotten_but_never_one_that_waits() -> None:
    long_ago = timezone.now() - timedelta(days=31)
    for number, told in enumerate([{"sent_at": long_ago}, {"refused_at": long_ago}, {"sent_at": timezone.now()}, {}]):
        put(ADA, about=f"thing {number}")
        Notice.objects.filter(about__startswith=f"thing {number}").update(created_at=long_ago, **told)
    assert outbox.forget() == 2
    assert sorted(notice.state for notice in Notice.objects.all()) == ["delivered", "waiting"]
