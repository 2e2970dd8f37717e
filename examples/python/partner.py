"""An asynchronous partner of the Business Applications API: Python 3.9 or later, standard library only, one file.

It sells a backup service named Coffre. Copy it, then put your own product behind the class Partner; the rest is the
API. Everything is kept in memory: a restart forgets all.
"""

import argparse
import base64
import http.client
import json
import logging
import os
import queue
import random
import re
import signal
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CATALOGUE = {"COFFRE-STANDARD": "Coffre Standard", "COFFRE-VAULT": "Coffre Vault"}
TECHNICAL_INFORMATION = "storageSize"  # each order must say it
MAX_QUANTITY = 100
MAX_BODY = 1024 * 1024
STATES = {"active": "active", "suspended": "inactive", "inactive": "inactive", "deleted": "deleted"}

log = logging.getLogger("partner")


class Refused(Exception):
    """The request cannot be met. Its text goes into the note of the failed event."""


class BadRequest(Exception):
    """The request cannot even be acknowledged, or is no request of this API. Carries the HTTP status."""

    def __init__(self, status, description):
        super().__init__(description)
        self.status = status


@dataclass
class Customer:
    id: str
    data: dict
    contacts: dict = field(default_factory=dict)  # our contacts by Orange's reference

    def login_email(self):
        managers = [c for c in self.contacts.values() if c.get("role") == "customerFleetManager"]
        return next((c["email"] for c in managers if c.get("email")), None)


@dataclass
class Licence:
    id: str
    fleet: str
    customer: Customer
    offering: dict
    login: str
    state: str = "active"
    external_state: str = "active"

    def right(self):
        return present(loginKeyValue={"key": "login", "value": self.login}, email=self.customer.login_email())

    def show(self):
        return {
            "id": self.id,
            "relatedProductRefId": self.fleet,
            "state": self.state,
            "externalState": self.external_state,
            "productOffering": self.offering,
            "right": [self.right()],
        }


def present(**members):
    """Drops the members without value: the API knows no null, no {}, no [] and no ""."""
    return {name: value for name, value in members.items() if value not in (None, {}, [], "")}


def now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def new_id():
    return str(uuid.uuid4())


def new_login():
    return "coffre-" + uuid.uuid4().hex[:12]


def note(refusal):
    return {"text": str(refusal), "date": now(), "author": "Coffre"}


def reference_of(resource):
    """Orange's reference of a resource, or None."""
    reference = resource.get("externalReference") if isinstance(resource, dict) else None
    value = reference.get("id") if isinstance(reference, dict) else None
    return value if isinstance(value, str) and value else None


class Partner:
    """The product and its store. Requests are acknowledged at once; the work is done later, in the order of arrival."""

    def __init__(self, outbox, delay):
        self.outbox = outbox
        self.delay = delay
        self.lock = threading.Lock()
        self.customers = {}  # by our id
        self.customer_ids = {}  # ours by Orange's reference
        self.fleets = {}  # lists of licences
        self.licences = {}  # those that live
        self.answers = {}  # by kind and Orange's reference: a request that is sent twice is done once
        self.jobs = queue.Queue()

    def run(self):
        """Does the jobs, one after the other."""
        while True:
            due, work, arguments = self.jobs.get()
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                work(*arguments)
            except Exception:
                log.exception("job lost")

    def schedule(self, job):
        """Called once the acknowledgement is on its way, so that no event overtakes it."""
        self.jobs.put((time.monotonic() + self.delay, *job))

    def acknowledge(self, kind, request, work):
        """Gives the acknowledgement and the job that it promises; a repeated request gets no second job."""
        key = (kind, reference_of(request))
        with self.lock:
            if key in self.answers:
                return self.answers[key], None
            answer = {"id": new_id(), "externalReference": request["externalReference"], "state": "acknowledged"}
            self.answers[key] = answer
        return answer, (work, (answer, request))

    # ProductOrdering

    def order(self, request):
        if not reference_of(request):
            raise BadRequest(400, "the order has no externalReference.id")
        if "orderItem" in request:
            return self.acknowledge("order", request, self.produce)
        with self.lock:
            key = ("order", reference_of(request))
            if key not in self.answers:
                self.answers[key] = self.create_customer(request)
            return self.answers[key], None

    def create_customer(self, request):
        """UC1: a customer and its contacts, at once also in this mode; nothing is produced yet."""
        data, contacts = request.get("customer"), request.get("relatedContact", [])
        if not reference_of(data):
            raise BadRequest(400, "customer or its externalReference.id is missing")
        if not isinstance(contacts, list) or not all(reference_of(contact) for contact in contacts):
            raise BadRequest(400, "each relatedContact needs its externalReference.id")
        customer_id = self.customer_ids.setdefault(reference_of(data), new_id())
        customer = self.customers.setdefault(customer_id, Customer(customer_id, data))
        customer.data = {**data, "id": customer_id}
        answered = []
        for contact in contacts:
            known = customer.contacts.get(reference_of(contact), {"id": new_id()})
            customer.contacts[reference_of(contact)] = {**contact, "id": known["id"]}
            answered.append(customer.contacts[reference_of(contact)])
        return present(
            id=new_id(),
            externalReference=request["externalReference"],
            state="completed",
            completionDate=now(),
            customer=customer.data,
            relatedContact=answered,
        )

    def produce(self, acknowledged, request):
        """UC2 and UC3, then UC4: the licences first, the event second, so that Orange finds what it is told of."""
        final = {**acknowledged, "completionDate": now()}
        try:
            with self.lock:
                item = self.add_licences(request)
            final.update(state="completed", orderItem=[item])
        except Refused as refusal:
            final.update(state="failed", note=note(refusal))
        self.outbox.send("productordering/v2/event", final["state"] + "StateNotification", final)

    def add_licences(self, request):
        """Each order gets a fleet of its own, whether it names one or not: the contract leaves that to the partner."""
        items = request["orderItem"]
        if not isinstance(items, list) or len(items) != 1 or not isinstance(items[0], dict):
            raise Refused("orderItem must hold exactly one item")
        item = items[0]
        if item.get("action") != "add":
            raise Refused("the action of the order item must be add")
        offering = self.known_offering(item.get("productOffering"))
        product = item.get("productRef") if isinstance(item.get("productRef"), dict) else {}
        quantity = product.get("userServiceQuantity")
        if type(quantity) is not int or not 1 <= quantity <= MAX_QUANTITY:  # isinstance would let true pass for 1
            raise Refused(f"userServiceQuantity must be a whole number from 1 to {MAX_QUANTITY}")
        if not self.has_technical_information(product.get("characteristic")):
            raise Refused(f"the characteristic {TECHNICAL_INFORMATION} is missing")
        customer = self.find_customer(request.get("customer"))

        fleet = new_id()
        added = [Licence(new_id(), fleet, customer, offering, new_login()) for _ in range(quantity)]
        self.fleets[fleet] = added
        self.licences.update((licence.id, licence) for licence in added)
        return {
            "id": new_id(),
            "action": "add",
            "state": "completed",
            "productRef": {**product, "id": fleet},
            "productOffering": item["productOffering"],
        }

    def known_offering(self, offering):
        code = reference_of(offering)
        if code not in CATALOGUE:
            raise Refused(f"unknown product offering {code}" if code else "the product offering is missing")
        return {"name": CATALOGUE[code], "externalReference": offering["externalReference"]}

    def has_technical_information(self, characteristics):
        return isinstance(characteristics, list) and any(
            isinstance(c, dict) and c.get("name") == TECHNICAL_INFORMATION and c.get("value") for c in characteristics
        )

    def find_customer(self, sent):
        sent_id = sent.get("id") if isinstance(sent, dict) else None
        known_id = sent_id if isinstance(sent_id, str) else self.customer_ids.get(reference_of(sent))
        if known_id not in self.customers:
            raise Refused("unknown customer")
        return self.customers[known_id]

    # UserService

    def consult(self, fleet):
        with self.lock:
            return [licence.show() for licence in self.fleets.get(fleet, []) if licence.state != "deleted"]

    def update(self, request):
        if not reference_of(request):
            raise BadRequest(400, "the update has no externalReference.id")
        return self.acknowledge("update", request, self.apply)

    def apply(self, acknowledged, request):
        """UC2 and UC3, then UC6. Every change is checked before the first one is made: all of them, or none."""
        final = dict(acknowledged)
        try:
            with self.lock:
                changes = self.plan(request.get("userServices"))
                for licence, external_state in changes:
                    licence.external_state, licence.state = external_state, STATES[external_state]
                    if licence.state == "deleted":
                        del self.licences[licence.id]
                final.update(state="completed", userServices=[licence.show() for licence, _ in changes])
        except Refused as refusal:
            final.update(state="failed", note=note(refusal))
        self.outbox.send("userservice/v2/event", "updateNotification", final)

    def plan(self, sent):
        if not isinstance(sent, list) or not sent:
            raise Refused("userServices is missing")
        changes = {}
        for wanted in sent:
            licence_id = wanted.get("id") if isinstance(wanted, dict) else None
            licence = self.licences.get(licence_id) if isinstance(licence_id, str) else None
            if licence is None:
                raise Refused(f"unknown licence {licence_id}" if licence_id else "a licence has no id")
            if licence_id in changes:
                raise Refused(f"licence {licence_id} is named twice")
            if "productOfferingOperation" in wanted:
                raise Refused("Coffre licences cannot change their offering")
            state = wanted.get("externalState")
            if not isinstance(state, str) or state not in STATES:
                raise Refused(f"unknown externalState for licence {licence_id}")
            changes[licence_id] = (licence, state)
        return list(changes.values())

    def renew_login(self, licence_id):
        """UC5.3, from the customer's tool."""
        with self.lock:
            licence = self.licences.get(licence_id)
            if licence is None:
                raise BadRequest(404, "unknown licence")
            licence.login = new_login()
            operation = {"action": "modify", **licence.right()}
            shown = licence.show()
        changed = {"userServices": [{"id": licence_id, "rightOperation": [operation]}]}
        self.outbox.send("userservice/v2/event", "updateNotification", changed)
        return shown


class Token:
    """The access token, shared by all deliveries and renewed before its end or when the gateway refuses it."""

    def __init__(self, url, client_id, client_secret):
        self.url = url
        self.credentials = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self.lock = threading.Lock()
        self.value = None
        self.renew_at = 0.0

    def get(self):
        with self.lock:
            if self.value is None or time.monotonic() >= self.renew_at:
                self.request()
            return self.value

    def drop(self, value):
        with self.lock:
            if self.value == value:
                self.value = None

    def request(self):
        status, _, body = post(self.url, b"grant_type=client_credentials", {
            "Authorization": "Basic " + self.credentials,
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        })
        if status != 200:
            raise ConnectionError(f"the token server answered {status}")
        answer = json.loads(body)
        self.value = answer["access_token"]
        self.renew_at = time.monotonic() + 0.9 * float(answer.get("expires_in", "inf"))


class Outbox:
    """Delivers events at least once, with the same bytes each time, until Orange took them or refused them for good."""

    def __init__(self, base, token, workers=8):
        self.base = base
        self.token = token
        self.waiting = queue.Queue()
        for _ in range(workers):
            threading.Thread(target=self.run, daemon=True).start()

    def send(self, path, kind, resource):
        event = {"type": kind, "time": now(), "resource": resource}
        self.waiting.put((f"{self.base}/{path}", to_json(event), 0))

    def run(self):
        while True:
            url, body, attempt = self.waiting.get()
            try:
                again_after = self.attempt(url, body, attempt)
            except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
                log.warning("event: %s", error)
                again_after = backoff(attempt)
            if again_after is not None:  # a timer, not a sleep: an event in trouble holds up no other
                timer = threading.Timer(again_after, self.waiting.put, [(url, body, attempt + 1)])
                timer.daemon = True
                timer.start()

    def attempt(self, url, body, attempt):
        """Returns None when done, else the seconds to wait before the next attempt."""
        token = self.token.get()
        status, headers, _ = post(url, body, {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
        if 200 <= status < 300:
            return None
        log.warning("event: the gateway answered %d", status)
        if status == 401:
            self.token.drop(token)
            return 0.0 if attempt == 0 else backoff(attempt)
        if status < 500 and status not in (408, 429):
            log.error("event given up: %s", body.decode())
            return None
        asked = headers.get("Retry-After", "")
        return max(backoff(attempt), min(int(asked), 60) if asked.isdecimal() else 0)


def backoff(attempt):
    return min(0.2 * 2 ** min(attempt, 8), 5.0) * random.uniform(0.5, 1.0)


def post(url, body, headers):
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def to_json(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode()


class Handler(BaseHTTPRequestHandler):
    """The HTTP edge. server.partner does the rest."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def answer(self):
        job = None
        try:
            status, (body, job) = 200, self.route(self.read_body())
        except BadRequest as error:
            status, body = error.status, {"code": error.status, "message": "Refused", "description": str(error)}
        except Exception:
            log.exception("%s %s", self.command, self.path)
            status, body = 500, {"code": 1, "message": "Internal error", "description": "see our log"}
        try:
            self.reply(status, to_json(body))
        finally:
            if job:
                self.server.partner.schedule(job)

    def route(self, body):
        """Returns the answer, and the job that is to start once it is sent."""
        partner, url = self.server.partner, urllib.parse.urlsplit(self.path)
        if self.command == "GET" and url.path == "/ping":
            return {"status": "up"}, None
        if self.command == "GET" and url.path == "/userservice/v2/userService":
            fleet = urllib.parse.parse_qs(url.query).get("productRefId")
            if not fleet:
                raise BadRequest(400, "expected productRefId")
            return partner.consult(fleet[0]), None
        if self.command == "POST" and url.path == "/productordering/v2/productOrder":
            return partner.order(parse(body))
        if self.command == "POST" and url.path == "/userservice/v2/userService/update":
            return partner.update(parse(body))
        renewal = re.fullmatch("/customer-tool/([^/]+)/login/renew", url.path)
        if self.command == "POST" and renewal:
            return partner.renew_login(renewal[1]), None
        raise BadRequest(404, "no such resource")

    def read_body(self):
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True  # what is left of the body would be taken for the next request
            raise BadRequest(413, "expected a Content-Length of 1 MiB at most")
        return self.rfile.read(int(length))

    def reply(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        log.debug(format, *args)


def parse(body):
    def no_constant(name):
        raise ValueError(f"{name} is not JSON")

    try:
        value = json.loads(body.decode(), parse_constant=no_constant)
    except (ValueError, RecursionError):
        raise BadRequest(400, "the body is not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise BadRequest(400, "the body is no JSON object")
    return value


class Server(ThreadingHTTPServer):
    request_queue_size = 128


def main():
    env = os.environ
    flags = argparse.ArgumentParser(description="An asynchronous partner of the Business Applications API.")
    flags.add_argument("--port", type=int, default=8083, help="0 takes a free port")
    flags.add_argument("--gateway", default=env.get("GATEWAY_URL", "http://127.0.0.1:8093"))
    flags.add_argument("--token-url", default=env.get("TOKEN_URL"))
    flags.add_argument("--offer", default=env.get("OFFER", "mba2-beta"))
    flags.add_argument("--delay", type=int, default=0, metavar="MS", help="how long the work on a request takes")
    args = flags.parse_args()
    logging.basicConfig(format="%(levelname)s %(message)s")

    gateway = args.gateway.rstrip("/")
    token_url = args.token_url or f"{gateway}/oauth/v3/token"
    token = Token(token_url, env.get("CLIENT_ID", "demo"), env.get("CLIENT_SECRET", "demo-secret"))
    server = Server(("127.0.0.1", args.port), Handler)
    server.partner = Partner(Outbox(f"{gateway}/{args.offer}", token), args.delay / 1000)

    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    threading.Thread(target=server.partner.run, daemon=True).start()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    stopped.wait()
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    main()
