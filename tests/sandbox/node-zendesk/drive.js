// Drives the sandbox's Zendesk by node-zendesk; what the sandbox says of itself is in $ABOUT.
"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const zendesk = require("node-zendesk");

const about = JSON.parse(process.env.ABOUT);

function clientOf(more) {
  return zendesk.createClient({
    username: about.zendesk_mail,
    token: about.zendesk_token,
    endpointUri: about.zendesk + "/api/v2",
    throwOriginalException: true,
    ...more,
  });
}
const client = clientOf();
const plain = (answer) => (answer && answer.result !== undefined ? answer.result : answer);

async function fails(status, call) {
  try {
    await call();
  } catch (error) {
    assert.strictEqual(error.statusCode, status, String(error));
    return error;
  }
  throw new Error(`no ${status}`);
}

async function createAndUpdate() {
  const made = plain(await client.tickets.create({
    ticket: {
      subject: "VPN 접속 오류",
      comment: { body: "It fails & says <no>.", public: true },
      requester: { name: "Ann Carter", email: "ann@northwind.example" },
      tags: ["aws-support"],
      external_id: "aws:1:case-1",
    },
  }));
  assert.strictEqual(made.status, "new");
  assert.strictEqual(made.subject, "VPN 접속 오류");
  const changed = plain(await client.tickets.update(made.id, {
    ticket: {
      comment: { html_body: "<p>Looking <b>into</b> it</p>", public: false },
      priority: "high",
      custom_status_id: 1900006,
      tags: ["aws-support", "escalated"],
      custom_fields: [{ id: 360001, value: "case-1" }, { id: 360003, value: "no such tag" }],
      metadata: { ref: "k3v9" },
    },
  }));
  assert.strictEqual(changed.status, "pending");
  assert.strictEqual(changed.custom_status_id, 1900006);
  assert.deepStrictEqual(changed.tags, ["aws-support", "escalated"]);
  assert.strictEqual(changed.custom_fields.find((it) => it.id === 360001).value, "case-1");
  assert.strictEqual(changed.custom_fields.find((it) => it.id === 360003).value, null);
  const comments = plain(await client.tickets.getComments(made.id));
  assert.deepStrictEqual(comments.map((it) => it.public), [true, false]);
  assert.strictEqual(comments[1].plain_body, "Looking into it");
  const audits = plain(await client.tickets.exportAudit(made.id));
  assert.strictEqual(audits[1].metadata.custom.ref, "k3v9");
  assert.strictEqual(audits[1].events[0].id, comments[1].id);
  assert.strictEqual(plain(await client.tickets.show(made.id)).priority, "high");
  return made.id;
}

async function files(id) {
  const file = path.join(os.tmpdir(), `supportd-${process.pid}.log`);
  fs.writeFileSync(file, "lines of a log\n");
  try {
    const upload = plain(await client.attachments.upload(file, { filename: "a.log" }));
    const token = (upload.upload || upload).token;
    await client.tickets.update(id, { ticket: { comment: { body: "see the file", uploads: [token] } } });
  } finally {
    fs.unlinkSync(file);
  }
  const comments = plain(await client.tickets.getComments(id));
  const attached = comments[comments.length - 1].attachments[0];
  assert.strictEqual(attached.file_name, "a.log");
  const bytes = await (await fetch(attached.content_url)).text();
  assert.strictEqual(bytes, "lines of a log\n");
}

async function lists() {
  for (let i = 0; i < 120; ++i)
    await client.tickets.create({ ticket: { subject: `n${i}`, comment: { body: "b" } } });
  const all = plain(await client.tickets.list());
  assert.strictEqual(new Set(all.map((it) => it.id)).size, all.length);
  assert.ok(all.length > 120, `only ${all.length}: the second page is missing`);
  const found = plain(await client.tickets.listWithFilter("external_id", "aws:1:case-1"));
  assert.strictEqual(found.length, 1);
  return all.length;
}

async function exported(count) {
  const start = Math.floor(Date.parse(about.now) / 1000) - 600;
  const read = async (query) => (await client.tickets.transporter.request(
    "GET", ["incremental", "tickets", "cursor", query])).result;
  const ids = new Set();
  let page = await read({ start_time: start, per_page: 50 });
  for (let i = 0; i < 100 && ids.size < count; ++i) {
    for (const it of page.tickets || []) ids.add(it.id);
    // Bounded: waits for the last minute of a clock that runs 600 times as fast.
    await new Promise((done) => setTimeout(done, 100));
    page = await read(page.after_cursor ? { cursor: page.after_cursor, per_page: 50 } : { start_time: start });
  }
  assert.strictEqual(ids.size, count);
}

async function people() {
  const me = plain(await client.users.me());
  assert.strictEqual(me.id, about.zendesk_agent);
  const fields = plain(await client.ticketfields.list());
  assert.ok(fields.some((it) => it.id === 360001));
}

async function merged(id) {
  const other = plain(await client.tickets.create({ ticket: { subject: "again", comment: { body: "b" } } }));
  const answer = plain(await client.tickets.merge(id, { ids: [other.id], target_comment: "merged" }));
  const job = answer.job_status || answer;
  let status = job.status;
  for (let i = 0; i < 100 && status !== "completed"; ++i) {
    await new Promise((done) => setTimeout(done, 50));
    status = plain(await client.jobstatuses.show(job.id)).job_status.status;
  }
  assert.strictEqual(status, "completed");
  assert.strictEqual(plain(await client.tickets.show(other.id)).status, "closed");
  return other.id;
}

async function errors(id, closed) {
  await fails(404, () => client.tickets.show(987654));
  await fails(401, () => clientOf({ token: "wrong" }).tickets.show(id));
  const invalid = await fails(422, () => client.tickets.update(closed, { ticket: { status: "open" } }));
  assert.strictEqual(invalid.result.error, "RecordInvalid");
  const stale = { updated_stamp: "2020-01-01T00:00:00Z", safe_update: false, priority: "low" };
  await fails(409, () => client.tickets.update(id, { ticket: stale }));
  const keyed = clientOf({ customHeaders: { "Idempotency-Key": `k${process.pid}` } });
  const first = plain(await keyed.tickets.create({ ticket: { subject: "once", comment: { body: "b" } } }));
  const second = plain(await keyed.tickets.create({ ticket: { subject: "once", comment: { body: "b" } } }));
  assert.strictEqual(second.id, first.id);
  await fails(400, () => keyed.tickets.create({ ticket: { subject: "twice", comment: { body: "b" } } }));
  await client.tickets.delete(first.id).catch((error) => assert.strictEqual(error.statusCode, 204));
  await fails(404, () => client.tickets.show(first.id));
}

async function main() {
  const id = await createAndUpdate();
  console.log("create, update, comments, audits: ok");
  await files(id);
  console.log("files: ok");
  const count = await lists();
  console.log("lists: ok");
  await exported(count);
  console.log("export: ok");
  await people();
  console.log("people: ok");
  const closed = await merged(id);
  console.log("merge: ok");
  await errors(id, closed);
  console.log("errors: ok");
}

main().catch((error) => {
  console.error(error, error.result || "");
  process.exit(1);
});
