// Uses a server as an application with a published client does:
//   node smoke.mjs PACKAGE CONNECTION_STRING
// Prints {"step": NAME, "ok": true} for each step, and ends with 1 at the first that fails.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

const [, , packageName, connectionString] = process.argv;
const db = await import(packageName);
const Client = db.KurrentDBClient ?? db.EventStoreDBClient;
const client = Client.connectionString(connectionString);
const { jsonEvent, START, END, FORWARDS, BACKWARDS, PARK } = db;

const event = (n) => jsonEvent({ type: `kind-${n}`, data: { n }, metadata: { by: "smoke" } });
const stream = (name) => `${name}-${randomUUID()}`;

async function all(events) {
  const out = [];
  for await (const e of events) out.push(e);
  return out;
}

async function take(subscription, count) {
  const out = [];
  for await (const e of subscription) {
    out.push(e);
    if (out.length === count) break;
  }
  return out;
}

// The two clients have different names for the expected revision.
const expecting = (revision) => ({ expectedRevision: revision, streamState: revision });

const main = stream("main");

const steps = {
  async append() {
    const done = await client.appendToStream(main, [event(0), event(1), event(2)], expecting(db.NO_STREAM));
    assert.equal(done.success, true);
    assert.equal(done.nextExpectedRevision, 2n);
    assert.ok(done.position.commit > 0n);
  },
  async wrongRevision() {
    await assert.rejects(client.appendToStream(main, event(9), expecting(0n)), (e) => {
      assert.ok(e instanceof db.WrongExpectedVersionError, String(e));
      assert.equal(e.actualVersion ?? e.actualState, 2n);
      return true;
    });
  },
  async tooLarge() {
    const large = jsonEvent({ type: "large", data: { text: "x".repeat(1 << 20) } });
    await assert.rejects(client.appendToStream(stream("large"), large), (e) => e instanceof db.MaxAppendSizeExceededError);
  },
  async read() {
    const forwards = await all(client.readStream(main, { direction: FORWARDS, fromRevision: START }));
    assert.deepEqual(forwards.map((e) => e.event.data.n), [0, 1, 2]);
    assert.deepEqual(forwards[0].event.metadata, { by: "smoke" });
    assert.ok(forwards[0].event.created instanceof Date || typeof forwards[0].event.created === "number" || forwards[0].event.created > 0n);
    const backwards = await all(client.readStream(main, { direction: BACKWARDS, fromRevision: END, maxCount: 2 }));
    assert.deepEqual(backwards.map((e) => e.event.type), ["kind-2", "kind-1"]);
  },
  async readAll() {
    const own = (await all(client.readAll({ direction: FORWARDS, fromPosition: START }))).filter((e) => e.event?.streamId === main);
    assert.equal(own.length, 3);
  },
  async missingStream() {
    await assert.rejects(all(client.readStream(stream("missing"))), (e) => e instanceof db.StreamNotFoundError);
  },
  async metadata() {
    await client.setStreamMetadata(main, { maxCount: 2 });
    const { metadata } = await client.getStreamMetadata(main);
    assert.equal(metadata.maxCount, 2);
    assert.equal((await all(client.readStream(main))).length, 2);
  },
  async deleteAndTombstone() {
    const soft = stream("soft");
    await client.appendToStream(soft, event(0));
    await client.deleteStream(soft);
    await assert.rejects(all(client.readStream(soft)), (e) => e instanceof db.StreamNotFoundError);
    const done = await client.appendToStream(soft, event(1));
    assert.equal(done.nextExpectedRevision, 1n);
    await client.tombstoneStream(soft);
    await assert.rejects(client.appendToStream(soft, event(2)), (e) => e instanceof db.StreamDeletedError);
  },
  async subscribe() {
    const name = stream("followed");
    await client.appendToStream(name, [event(0), event(1)]);
    const subscription = client.subscribeToStream(name, { fromRevision: START });
    const coming = take(subscription, 4);
    await client.appendToStream(name, [event(2), event(3)]);
    assert.deepEqual((await coming).map((e) => e.event.data.n), [0, 1, 2, 3]);
    await subscription.unsubscribe();
  },
  async subscribeToAll() {
    const name = stream("filtered");
    await client.appendToStream(name, event(0));
    const subscription = client.subscribeToAll({ fromPosition: START, filter: db.streamNameFilter({ prefixes: [name] }) });
    const coming = take(subscription, 2);
    await client.appendToStream(name, event(1));
    assert.deepEqual((await coming).map((e) => e.event.data.n), [0, 1]);
    await subscription.unsubscribe();
  },
  async links() {
    const target = stream("target");
    const name = stream("links");
    await client.appendToStream(target, event(0));
    await client.appendToStream(name, db.binaryEvent({ type: "$>", data: Buffer.from(`0@${target}`) }));
    const [resolved] = await all(client.readStream(name, { resolveLinkTos: true }));
    assert.equal(resolved.event.streamId, target);
    assert.equal(resolved.link.streamId, name);
  },
  async persistentToStream() {
    const name = stream("shared");
    const group = "smoke";
    await client.appendToStream(name, [event(0), event(1), event(2)]);
    const settings = db.persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START });
    await client.createPersistentSubscriptionToStream(name, group, settings);
    await assert.rejects(client.createPersistentSubscriptionToStream(name, group, settings), (e) => e instanceof db.PersistentSubscriptionExistsError);
    const subscription = client.subscribeToPersistentSubscriptionToStream(name, group);
    const seen = [];
    for await (const e of subscription) {
      seen.push(e.event.data.n);
      if (e.event.data.n === 1 && seen.length === 2) {
        await subscription.nack(PARK, "not now", e);
      } else {
        await subscription.ack(e);
      }
      if (seen.length === 3) {
        await until(async () => (await client.getPersistentSubscriptionToStreamInfo(name, group)).stats.parkedMessageCount === 1n);
        await client.replayParkedMessagesToStream(name, group);
      }
      if (seen.length === 4) break;
    }
    assert.deepEqual(seen, [0, 1, 2, 1]);
    await subscription.unsubscribe();
    await client.updatePersistentSubscriptionToStream(name, group, db.persistentSubscriptionToStreamSettingsFromDefaults({ maxRetryCount: 3 }));
    const info = await client.getPersistentSubscriptionToStreamInfo(name, group);
    assert.equal(info.settings.maxRetryCount, 3);
    assert.equal((await client.listPersistentSubscriptionsToStream(name)).length, 1);
    await client.deletePersistentSubscriptionToStream(name, group);
    await assert.rejects(client.getPersistentSubscriptionToStreamInfo(name, group), (e) => e instanceof db.PersistentSubscriptionDoesNotExistError);
  },
  async persistentToAll() {
    const name = stream("everywhere");
    const group = randomUUID();
    await client.createPersistentSubscriptionToAll(group, db.persistentSubscriptionToAllSettingsFromDefaults({ startFrom: START }), {
      filter: db.streamNameFilter({ prefixes: [name] }),
    });
    const subscription = client.subscribeToPersistentSubscriptionToAll(group);
    const coming = take(subscription, 2);
    await client.appendToStream(name, [event(0), event(1)]);
    const events = await coming;
    for (const e of events) await subscription.ack(e);
    assert.deepEqual(events.map((e) => e.event.data.n), [0, 1]);
    await subscription.unsubscribe();
    await client.deletePersistentSubscriptionToAll(group);
  },
};

async function until(holds) {
  for (let i = 0; !(await holds()); i++) {
    assert.ok(i < 500, "waited in vain");
    await new Promise((done) => setTimeout(done, 10));
  }
}

for (const [step, run] of Object.entries(steps)) {
  try {
    await run();
    console.log(JSON.stringify({ step, ok: true }));
  } catch (error) {
    console.log(JSON.stringify({ step, ok: false, error: String(error?.stack ?? error) }));
    process.exit(1);
  }
}
await client.dispose();
process.exit(0);
