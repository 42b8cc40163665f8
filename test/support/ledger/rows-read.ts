import { runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";

interface Asked {
  query: string;
  cursor: SqlStorageCursor<Record<string, SqlStorageValue>>;
}

/** From now on counts the rows that objects read and write, by every `sql.exec` of theirs. */
export async function meterObjects(stub: DurableObjectStub) {
  const asked: Asked[] = [];
  let spy: { mockRestore(): void } | undefined;
  await runInDurableObject(stub, (_, { storage }) => {
    const prototype: SqlStorage = Object.getPrototypeOf(storage.sql);
    const { exec } = prototype;
    spy = vi.spyOn(prototype, "exec").mockImplementation(function (
      this: SqlStorage,
      query: string,
      ...bindings: SqlStorageValue[]
    ) {
      const cursor = exec.call(this, query, ...bindings);
      asked.push({ query, cursor });
      return cursor;
    } as never);
  });
  return {
    /** What was read since this was asked before, and by which queries. */
    rowsRead(): { rows: number; by: string[] } {
      const since = asked.splice(0);
      const by = since.map(({ query, cursor }) => `${cursor.rowsRead} ${query.replace(/\s+/g, " ")}`);
      return { rows: since.reduce((sum, { cursor }) => sum + cursor.rowsRead, 0), by };
    },
    stop: () => spy?.mockRestore(),
  };
}
