import type { Endpoint } from "../../../webhooks/types";
import { Confirm } from "../../parts/confirm";
import { RequestKey } from "../../parts/repeatable";
import type { webhooksWords } from "./words";

/** What can be done with an endpoint. */
export function EndpointActions({ endpoint, t }: { endpoint: Endpoint; t: (typeof webhooksWords)["en"] }) {
  const pathOfAction = (action: string) => `/billing/webhooks/${endpoint.endpoint_id}/${action}`;
  const is_on = endpoint.state === "enabled";
  return (
    <div class="actions">
      <form method="post" action={pathOfAction("test")}>
        <RequestKey />
        <button class="button" type="submit">
          {t.test}
        </button>
      </form>
      <form method="post" action={pathOfAction(is_on ? "disable" : "enable")}>
        <button class="button plain" type="submit">
          {is_on ? t.disable : t.enable}
        </button>
      </form>
      <Confirm
        action={pathOfAction("rotate")}
        name={t.rotate}
        sure={t.rotate_sure}
        button={t.rotate_confirm}
        is_harmless
      >
        <button class="button danger" type="submit" name="old_secret" value="ends">
          {t.rotate_at_once}
        </button>
      </Confirm>
      {(endpoint.previous_secret_until_ms ?? 0) > Date.now() ? (
        <Confirm
          action={pathOfAction("end-old-secret")}
          name={t.end_old}
          sure={t.end_old_sure}
          button={t.end_old_confirm}
        />
      ) : null}
      <Confirm
        action={pathOfAction("remove")}
        name={t.remove}
        sure={t.remove_sure}
        button={t.remove_confirm}
      />
    </div>
  );
}
