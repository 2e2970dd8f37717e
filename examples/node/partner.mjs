// A synchronous partner of the Business Applications API: Node 20 or later, no dependency, one file.
//
// It sells a calendar named Agenda. Copy it, then put your own product behind the functions of "The product" and
// "The store"; the rest is the API. Everything is kept in memory: a restart forgets all.

import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { env } = process;
const { values: flags } = parseArgs({
  options: {
    port: { type: 'string', default: '8082' }, // 0 takes a free port
    gateway: { type: 'string', default: env.GATEWAY_URL ?? 'http://127.0.0.1:8092' },
    'token-url': { type: 'string' },
    offer: { type: 'string', default: env.OFFER ?? 'mba2-beta' },
  },
});
const gatewayURL = flags.gateway.replace(/\/+$/, '');
const tokenURL = flags['token-url'] ?? env.TOKEN_URL ?? `${gatewayURL}/oauth/v3/token`;
const credentials = `${env.CLIENT_ID ?? 'demo'}:${env.CLIENT_SECRET ?? 'demo-secret'}`;

// ---- The product ----------------------------------------------------------------------------------------------

const catalogue = new Map([
  ['AGENDA-TEAM', 'Agenda Team'],
  ['AGENDA-COMPANY', 'Agenda Company'],
]);
const maxQuantity = 100;

// One address for the whole fleet. A customer cannot choose it, so a wish in endUserConfiguration is not looked at.
function newWorkspace(fleetId) {
  return { type: 'URL', characteristic: [{ name: 'url', value: `https://agenda-${fleetId}.example.com` }] };
}

// ---- The store ------------------------------------------------------------------------------------------------

const customers = new Map(); // by our id
const customersByReference = new Map(); // by Orange's
const fleets = new Map();
const licences = new Map();
const orderAnswers = new Map(); // by Orange's reference: a request that is sent twice is done once
const updateAnswers = new Map();

let lastId = 1000;
const newId = () => String(++lastId);
const now = () => new Date().toISOString();

// ---- Refusing -------------------------------------------------------------------------------------------------

class Refusal extends Error {
  constructor(status, code, message, description) {
    super(description);
    this.status = status;
    this.body = { code, message, description };
  }
}
const malformed = (description) => new Refusal(400, 24, 'Invalid body field', description);
const notFound = (description) => new Refusal(404, 60, 'Resource not found', description);
const conflict = (description) => new Refusal(409, 409, 'Conflict', description);
const unmet = (description) => new Refusal(422, 422, 'Order cannot be met', description);

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === 'string' && value !== '';

function referenceOf(resource, what) {
  if (!isObject(resource)) throw malformed(`${what} is missing or is no object`);
  if (!isText(resource.externalReference?.id)) throw malformed(`${what} has no externalReference.id`);
  return resource.externalReference.id;
}

// ---- ProductOrdering ------------------------------------------------------------------------------------------

function placeOrder(order) {
  const reference = referenceOf(order, 'the order');
  if (!orderAnswers.has(reference)) {
    const produced = order.orderItem === undefined ? createCustomer(order) : addLicences(order);
    orderAnswers.set(reference, {
      id: newId(),
      externalReference: order.externalReference,
      state: 'completed',
      category: order.category,
      orderDate: order.orderDate,
      requestedStartDate: order.requestedStartDate,
      completionDate: now(),
      ...produced,
    });
  }
  return orderAnswers.get(reference);
}

// UC1: a customer and its contacts; nothing is produced yet.
function createCustomer({ customer, relatedContact: contacts = [] }) {
  const reference = referenceOf(customer, 'customer');
  if (!Array.isArray(contacts)) throw malformed('relatedContact is no array');
  const contactReferences = contacts.map((contact, i) => referenceOf(contact, `relatedContact[${i}]`));

  const known = customersByReference.get(reference) ?? { id: newId(), contactIds: new Map() };
  customersByReference.set(reference, known);
  customers.set(known.id, known);
  known.data = { ...customer, id: known.id };
  known.contacts = contacts.map((contact, i) => {
    const id = known.contactIds.get(contactReferences[i]) ?? newId();
    known.contactIds.set(contactReferences[i], id);
    return { ...contact, id };
  });
  return { customer: known.data, relatedContact: known.contacts.length > 0 ? known.contacts : undefined };
}

// UC2 and UC3: licences in a new fleet, or more of them in the fleet that the order names.
function addLicences(order) {
  const [item, ...others] = Array.isArray(order.orderItem) ? order.orderItem : [];
  if (!isObject(item) || others.length > 0) throw malformed('orderItem must hold exactly one item');
  if (item.action !== 'add') throw malformed('orderItem[0].action must be add');
  const productOffering = knownOffering(item.productOffering);
  const quantity = item.productRef?.userServiceQuantity;
  if (!Number.isInteger(quantity) || quantity < 1) {
    throw malformed('orderItem[0].productRef.userServiceQuantity must be a whole number, 1 or more');
  }
  if (quantity > maxQuantity) throw unmet(`one order takes ${maxQuantity} licences at most`);
  const customer = findCustomer(order.customer);
  const fleet = item.productRef.id === undefined ? undefined : fleets.get(item.productRef.id);
  if (item.productRef.id !== undefined && fleet?.customer !== customer) throw unmet('unknown fleet for this customer');

  const taken = fleet ?? newFleet(customer);
  for (let i = 0; i < quantity; i++) addLicence(taken, productOffering);
  return {
    orderItem: [{
      id: newId(),
      action: 'add',
      state: 'completed',
      productRef: { ...item.productRef, id: taken.id },
      productOffering: item.productOffering,
    }],
  };
}

function findCustomer(customer) {
  const found = customers.get(customer?.id) ?? customersByReference.get(customer?.externalReference?.id);
  if (!found) throw unmet('unknown customer');
  return found;
}

function knownOffering(offering) {
  const code = referenceOf(offering, 'productOffering');
  if (!catalogue.has(code)) throw unmet(`unknown product offering ${code}`);
  return { name: catalogue.get(code), externalReference: offering.externalReference };
}

function newFleet(customer) {
  const id = newId();
  const fleet = { id, customer, workspace: newWorkspace(id), licences: [] };
  fleets.set(id, fleet);
  return fleet;
}

function addLicence(fleet, productOffering) {
  const licence = { id: newId(), fleet, state: 'active', externalState: 'active', productOffering, endUser: undefined };
  licences.set(licence.id, licence);
  fleet.licences.push(licence);
}

// ---- UserService ----------------------------------------------------------------------------------------------

// A member without value stays undefined, which JSON.stringify leaves out: the API knows no null, no {} and no "".
function show({ id, fleet, state, externalState, productOffering, endUser }) {
  return {
    id, relatedProductRefId: fleet.id, state, externalState, productOffering, endUser,
    realizingResource: [fleet.workspace],
  };
}

function consult(query) {
  const ids = query.get('id');
  if (ids !== null) return ids.split(',').map((id) => licences.get(id)).filter(Boolean).map(show);
  const fleet = fleets.get(query.get('productRefId'));
  if (!fleet) throw notFound('unknown fleet');
  return fleet.licences.map(show);
}

function consultOne(id) {
  if (!licences.has(id)) throw notFound('unknown licence');
  return show(licences.get(id));
}

const stateOf = new Map([
  ['active', 'active'],
  ['suspended', 'inactive'],
  ['inactive', 'inactive'],
  ['deleted', 'terminated'],
]);

// UC2, UC3 and UC4. Every change is checked before the first one is made: all of them, or none.
function update(request) {
  const reference = referenceOf(request, 'the update');
  if (!updateAnswers.has(reference)) {
    const sent = request.userServices;
    if (!Array.isArray(sent) || sent.length === 0) throw malformed('userServices is missing or is no array');
    const changes = sent.map(planChange);
    if (new Set(sent.map(({ id }) => id)).size < sent.length) throw malformed('a licence is named twice');
    for (const { licence, change } of changes) Object.assign(licence, change);
    updateAnswers.set(reference, {
      id: newId(),
      externalReference: request.externalReference,
      state: 'completed',
      userServices: changes.map(({ licence }) => show(licence)),
    });
  }
  return updateAnswers.get(reference);
}

function planChange(sent, i) {
  if (!isText(sent?.id)) throw malformed(`userServices[${i}] has no id`);
  const licence = licences.get(sent.id);
  if (!licence || licence.state === 'terminated') throw unmet(`unknown or deleted licence ${sent.id}`);

  const { externalState, productOfferingOperation: operation } = sent;
  if (externalState === undefined && operation === undefined) throw malformed(`userServices[${i}] asks for no change`);
  const change = {};
  if (externalState !== undefined) {
    if (!stateOf.has(externalState)) throw malformed(`userServices[${i}].externalState is unknown`);
    Object.assign(change, { externalState, state: stateOf.get(externalState) });
  }
  if (operation !== undefined) {
    if (operation?.action !== 'swap') throw malformed(`userServices[${i}].productOfferingOperation must be a swap`);
    change.productOffering = knownOffering(operation.productOffering);
  }
  return { licence, change };
}

// ---- The customer's tool: UC5 starts here ---------------------------------------------------------------------

function changeEndUser(licenceId, action, data) {
  const licence = licences.get(licenceId);
  if (!licence) throw notFound('unknown licence');
  if (licence.state === 'terminated') throw conflict('the licence is deleted');
  const user = licence.endUser;
  if (action === 'add' && user) throw conflict('the licence has an end user already');
  if (action !== 'add' && !user) throw conflict('the licence has no end user');

  if (action === 'delete') {
    licence.endUser = undefined;
  } else {
    const given = ['givenName', 'familyName', 'email'].filter((field) => isText(data[field]));
    if (given.length < (action === 'add' ? 3 : 1)) throw malformed('expected givenName, familyName and email');
    licence.endUser = { id: newId(), ...user, ...Object.fromEntries(given.map((field) => [field, data[field]])) };
  }
  reportChange(licence, { endUserOperation: [{ action, endUser: licence.endUser ?? { id: user.id } }] });
  return show(licence);
}

// ---- Events ---------------------------------------------------------------------------------------------------

const pending = new Map(); // the last delivery of each licence, so that its events leave in order

function reportChange(licence, operations) {
  const resource = { userServices: [{ id: licence.id, ...operations }] };
  const body = JSON.stringify({ type: 'updateNotification', time: now(), resource }, null, 2);
  const delivery = (pending.get(licence.id) ?? Promise.resolve()).then(() => deliver('userservice/v2/event', body));
  pending.set(licence.id, delivery);
  delivery.then(() => pending.get(licence.id) === delivery && pending.delete(licence.id));
}

// Sends the same bytes until Orange has taken them, or has refused them for good.
async function deliver(path, body) {
  let renewed = false;
  for (let attempt = 0; ; attempt++) {
    let wait = Math.min(200 * 2 ** attempt, 5000) * (0.5 + Math.random() / 2);
    try {
      const used = accessToken();
      const response = await send(`${gatewayURL}/${flags.offer}/${path}`, body, {
        authorization: `Bearer ${await used.value}`,
        'content-type': 'application/json',
      });
      if (response.ok) return;
      console.error(`event: the gateway answered ${response.status}`);
      if (response.status === 401) {
        if (token === used) token = undefined;
        if (!renewed) wait = 0;
        renewed = true;
      } else if (response.status < 500 && ![408, 429].includes(response.status)) {
        console.error('event: given up');
        return;
      }
      wait = Math.max(wait, 1000 * Math.min(Number(response.headers.get('retry-after')), 60) || 0);
    } catch (error) {
      console.error(`event: ${error.cause?.message ?? error.message}`);
    }
    await pause(wait);
  }
}

async function send(url, body, headers) {
  const signal = AbortSignal.timeout(10_000);
  const response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual', signal });
  return { ok: response.ok, status: response.status, headers: response.headers, text: await response.text() };
}

let token; // shared by all deliveries; value is a promise, so that they wait for one request together

function accessToken() {
  if (!token || Date.now() >= token.renewAt) {
    const fresh = { renewAt: Infinity };
    fresh.value = requestToken(fresh).catch((error) => {
      if (token === fresh) token = undefined;
      throw error;
    });
    token = fresh;
  }
  return token;
}

async function requestToken(fresh) {
  const answer = await send(tokenURL, 'grant_type=client_credentials', {
    authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  });
  if (!answer.ok) throw new Error(`the token server answered ${answer.status}`);
  const { access_token: value, expires_in: lifetime } = JSON.parse(answer.text);
  fresh.renewAt = Date.now() + Number(lifetime) * 900 || Infinity; // at nine tenths; without a lifetime, at a 401
  return value;
}

// ---- HTTP -----------------------------------------------------------------------------------------------------

const routes = [
  ['GET', /^\/ping$/, () => ({ status: 'up' })],
  ['POST', /^\/productordering\/v2\/productOrder$/, ({ body }) => placeOrder(parse(body))],
  ['GET', /^\/userservice\/v2\/userService$/, ({ query }) => consult(query)],
  ['POST', /^\/userservice\/v2\/userService\/update$/, ({ body }) => update(parse(body))],
  ['GET', /^\/userservice\/v2\/userService\/([^/]+)$/, ({ id }) => consultOne(id)],
  ['POST', /^\/customer-tool\/([^/]+)\/user$/, ({ id, body }) => changeEndUser(id, 'add', parse(body))],
  ['PATCH', /^\/customer-tool\/([^/]+)\/user$/, ({ id, body }) => changeEndUser(id, 'modify', parse(body))],
  ['DELETE', /^\/customer-tool\/([^/]+)\/user$/, ({ id }) => changeEndUser(id, 'delete')],
];

function dispatch(method, target, body) {
  const [path, search] = target.split('?', 2);
  for (const [routeMethod, pattern, action] of routes) {
    const match = method === routeMethod && pattern.exec(path);
    if (match) return action({ id: match[1], query: new URLSearchParams(search), body });
  }
  throw notFound('no such resource');
}

function parse(body) {
  let value;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Refusal(400, 22, 'Invalid body', 'the body is not JSON in UTF-8');
  }
  if (!isObject(value)) throw new Refusal(400, 22, 'Invalid body', 'the body is no JSON object');
  return value;
}

async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= 1024 * 1024) chunks.push(chunk); // the rest is read too: an answer sent in between would be cut off
  }
  if (size > 1024 * 1024) throw new Refusal(413, 66, 'Request entity too large', 'the body is over 1 MiB');
  return Buffer.concat(chunks);
}

const server = createServer(async (request, response) => {
  let status = 200;
  let answer;
  try {
    answer = dispatch(request.method, request.url, await readBody(request));
  } catch (error) {
    if (error instanceof Refusal) {
      ({ status, body: answer } = error);
    } else {
      console.error(error);
      [status, answer] = [500, { code: 1, message: 'Internal error', description: 'see our log' }];
    }
  }
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(`${JSON.stringify(answer, null, 2)}\n`);
});
server.keepAliveTimeout = 75_000; // longer than a client keeps an idle connection, so that it never meets a closed one

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), 2000);
  });
}

server.listen(Number(flags.port), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
