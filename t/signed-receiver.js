// SPDX-License-Identifier: Apache-2.0
//
// An endpoint on loopback that checks what signs each request by other
// people's implementations of the two specifications:
//
//     signed-receiver.js PORT-FILE ANSWERS
//
// ANSWERS gets a line for each request: what held, and for each part that was
// then altered, whether it was still taken. Keys come from SHARED (base64) and
// ED25519_PUBLIC (PEM).

'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const { createVerifier, httpbis } = require('http-message-signatures');
const { Webhook } = require('standardwebhooks');

const [portFile, answers] = process.argv.slice(2);
const shared = Buffer.from(process.env.SHARED, 'base64');
const publicKey = process.env.ED25519_PUBLIC;

const keys = {
  k: { algs: ['hmac-sha256'], verify: createVerifier(shared, 'hmac-sha256') },
  'k-2': { algs: ['ed25519'], verify: createVerifier(publicKey, 'ed25519') },
};

async function messageHolds(request, body) {
  const fields = ['@method', '@authority', '@path'];
  if (request.method !== 'GET') fields.push('content-type', 'content-digest');
  const digest = crypto.createHash('sha256').update(body).digest('base64');
  const given = request.headers['content-digest'];
  if (given !== undefined && given !== `sha-256=:${digest}:`) return false;
  // One at a time: it is content when any of several holds.
  for (const label of ['sig1', 'sig2']) {
    const one = { ...request, headers: { ...request.headers } };
    for (const name of ['signature', 'signature-input']) {
      one.headers[name] = request.headers[name].split(', ')
        .find((item) => item.startsWith(label + '='));
    }
    if (!(await httpbis.verifyMessage({
      all: true, maxAge: 60, tolerance: 5, requiredFields: fields,
      requiredParams: ['created', 'keyid', 'alg'],
      keyLookup: async (params) => keys[params.keyid] || null,
    }, one))) return false;
  }
  return true;
}

function webhookHolds(headers, body) {
  const text = body.toString('utf8');
  new Webhook(process.env.SHARED).verify(text, headers);
  const signed = `${headers['webhook-id']}.` +
    `${headers['webhook-timestamp']}.${text}`;
  const ours = headers['webhook-signature'].split(' ')
    .filter((s) => s.startsWith('v1a,'))
    .map((s) => Buffer.from(s.slice(4), 'base64'));
  return ours.length === 1 &&
    crypto.verify(null, Buffer.from(signed), publicKey, ours[0]);
}

async function holds(request, body) {
  try {
    return request.headers['webhook-signature'] !== undefined
      ? webhookHolds(request.headers, body)
      : await messageHolds(request, body);
  } catch (e) {
    return false;
  }
}

function altered(request, body) {
  const flip = (s) => s.slice(0, -9) + (s.at(-9) === 'A' ? 'B' : 'A') +
    s.slice(-8);
  const header = (name, f) => [name, {
    ...request,
    headers: { ...request.headers, [name]: f(request.headers[name]) },
  }, body];
  const other = Buffer.from(body);
  if (other.length) other[0] ^= 1;
  if (request.headers['webhook-id'] !== undefined) {
    return [['body', request, other],
      header('webhook-id', (s) => s + 'x'),
      header('webhook-timestamp', (s) => String(Number(s) - 1)),
      header('webhook-signature', flip)];
  }
  const url = new URL(request.url);
  const list = [
    ['method', { ...request, method: 'DELETE' }, body],
    ['path', { ...request, url: `${url.origin}/x${url.pathname}` }, body],
    ['host', { ...request, url: 'http://example.org' + url.pathname }, body],
    header('signature', (s) => s.replace(/:./, (m) =>
      ':' + (m[1] === 'A' ? 'B' : 'A'))),
    header('signature-input', (s) => s.replace(/created=\d/, 'created=2'))];
  if (body.length) {
    list.push(['body', request, other],
      header('content-type', () => 'text/html'));
  }
  return list;
}

async function check(request, body) {
  const line = { method: request.method, holds: await holds(request, body),
    input: request.headers['signature-input'], stillTaken: [], tried: 0 };
  for (const [name, changed, bytes] of altered(request, body)) {
    line.tried += 1;
    if (await holds(changed, bytes)) line.stillTaken.push(name);
  }
  return line;
}

const server = http.createServer((req, res) => {
  const parts = [];
  req.on('data', (part) => parts.push(part));
  req.on('end', async () => {
    const request = { method: req.method, headers: req.headers,
      url: `http://${req.headers.host}${req.url}` };
    const line = await check(request, Buffer.concat(parts));
    fs.appendFileSync(answers, JSON.stringify(line) + '\n');
    res.writeHead(200, { 'Content-Type': 'application/json' });
    res.end('{}');
  });
});
server.listen(0, '127.0.0.1', () =>
  fs.writeFileSync(portFile, String(server.address().port)));
setTimeout(() => process.exit(1), 120000);
