import { z } from "zod";
import { alertList } from "../../notifications/alert-schema";
import { alertThreshold } from "../../webhooks/event-catalogue";

/** All alerts that an organization wants. */
export const newAlerts = z
  .strictObject({
    alerts: alertList.meta({ description: "All there are from now on." }),
  })
  .meta({ id: "NewAlerts", examples: [{ alerts: [{ minutes: 60 }, { runway_minutes: 15 }] }] });

/** The alerts that are set. */
export const alertsSchema = z
  .strictObject({
    alerts: z.array(
      z.strictObject({
        ...alertThreshold.shape,
        has_gone_off: z.boolean().meta({ description: "It went off and is not armed again." }),
      }),
    ),
  })
  .meta({ id: "Alerts" });
