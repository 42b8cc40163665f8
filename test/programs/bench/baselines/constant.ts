/** What any Worker costs: the socket, the isolate and a small JSON answer. */
export default {
  fetch: () => Response.json({ decision: "allow", granted_seconds: 60 }),
};
