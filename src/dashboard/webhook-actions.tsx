import type { Endpoint } from "../webhooks/types";
import type { webhooksWords } from "./words/webhooks";

/** What can be done with an endpoint. What cannot be undone asks again, also without scripts. */
export function EndpointActions({ endpoint, t }: { endpoint: Endpoint; t: (typeof webhooksWords)["en"] }) {
  const pathOfAction = (action: string) => `/billing/webhooks/${endpoint.endpoint_id}/${action}`;
  const is_on = endpoint.state === "enabled";
  return (
    <div class="actions">
      <form method="post" action={pathOfAction("test")}>
        <button class="button" type="submit">
          {t.test}
        </button>
      </form>
      <form method="post" action={pathOfAction(is_on ? "disable" : "enable")}>
        <button class="button plain" type="submit">
          {is_on ? t.disable : t.enable}
        </button>
      </form>
      <details class="confirm">
        <summary>{t.rotate}</summary>
        <form method="post" action={pathOfAction("rotate")}>
          <p>{t.rotate_sure}</p>
          <button class="button plain" type="submit">
            {t.rotate_confirm}
          </button>
        </form>
      </details>
      <details class="confirm">
        <summary>{t.remove}</summary>
        <form method="post" action={pathOfAction("remove")}>
          <p>{t.remove_sure}</p>
          <button class="button danger" type="submit">
            {t.remove_confirm}
          </button>
        </form>
      </details>
    </div>
  );
}
