import { it } from "vitest";
import { app } from "../../src/http/app";
import { openApiDocument } from "../../src/http/openapi";
it("x", async () => {
  const d = await openApiDocument(app);
  const p = d.paths as Record<string, unknown>;
  console.log(JSON.stringify(p["/api/v1/edge/calls/{call_id}/settle"], null, 1));
  console.log(JSON.stringify(p["/api/v1/edge/operations"], null, 1));
  console.log(JSON.stringify(p["/api/v1/admin/rates/{name}"], null, 1));
  console.log(
    JSON.stringify(d.components?.schemas?.SettleRequest),
    JSON.stringify(d.components?.schemas?.OperationsRequest).slice(0, 1500),
  );
});
