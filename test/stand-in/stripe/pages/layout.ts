import { html } from "hono/html";

export type Html = ReturnType<typeof html>;

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1a1f36, #e8eaf2); --soft: light-dark(#555b72, #a9b0c6);
  --paper: light-dark(#fff, #171a26); --ground: light-dark(#f4f5f9, #0e1018); --line: light-dark(#d5d9e6, #353b52);
  --accent: light-dark(#4a3fd6, #9d95ff); --on-accent: light-dark(#fff, #14102e);
  --bad: light-dark(#b3261e, #ff9a91); --bad-ground: light-dark(#fdecea, #3a1a18); --good: light-dark(#17693a, #7ddba3) }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
.banner { background: light-dark(#fff3cd, #3d3413); color: light-dark(#5c4700, #ffe69c); text-align: center;
  padding: .4rem 1rem; font-size: .85rem }
main { max-width: 32rem; margin: 0 auto; padding: 1.25rem 1rem 3rem } main.wide { max-width: 60rem }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 12px; padding: 1.1rem; margin: 1rem 0 }
h1 { font-size: 1.35rem; line-height: 1.25; margin: .5rem 0 .25rem } h2 { font-size: 1rem; margin: 0 0 .6rem }
p { margin: .25rem 0 .75rem; overflow-wrap: anywhere } .soft { color: var(--soft); font-size: .9rem }
.alert { background: var(--bad-ground); color: var(--bad); border: 1px solid; border-radius: 8px; padding: .6rem .8rem;
  font-weight: 600 } .good { color: var(--good); font-weight: 600 }
dl { display: grid; grid-template-columns: 1fr auto; gap: .35rem 0; margin: 0 }
dd { margin: 0; padding-left: 1rem; text-align: right; font-variant-numeric: tabular-nums } .total { font-weight: 700; font-size: 1.1rem;
  border-top: 1px solid var(--line); padding-top: .4rem; margin-top: .2rem }
address { font-style: normal; overflow-wrap: anywhere }
form { margin: 0 } label { display: block; margin: .6rem 0 .2rem; font-size: .9rem; color: var(--soft) }
input { width: 100%; padding: .6rem .75rem; font: inherit; color: inherit; background: var(--ground);
  border: 1px solid var(--line); border-radius: 8px } .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 .75rem }
.tick { display: flex; gap: .5rem; align-items: center; color: var(--ink) } .tick input { width: auto }
button, .button { display: block; width: 100%; min-height: 2.75rem; padding: .6rem 1rem; margin-top: .75rem; font: inherit;
  font-weight: 600; text-align: center; text-decoration: none; border-radius: 8px; border: 1px solid var(--accent);
  background: var(--accent); color: var(--on-accent); cursor: pointer }
.plain { background: none; color: var(--accent) }
.small { display: inline-block; width: auto; min-height: 0; margin: .1rem .4rem .1rem 0; padding: .25rem .6rem; font-size: .85rem }
.choice { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 .75rem; text-align: left; font-weight: 500;
  background: none; color: var(--ink); border-color: var(--line); margin-top: .5rem }
code { color: var(--soft); font-size: .9em; overflow-wrap: anywhere } a { color: var(--accent) }
table { width: 100%; border-collapse: collapse; font-size: .9rem } .scroll { overflow-x: auto }
th, td { text-align: left; padding: .45rem .75rem .45rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
td form { display: inline-block }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }`;

/** A page of the stand-in. Says plainly that no money moves. */
export async function page(
  title: string,
  content: Html,
  { is_wide = false, status = 200 } = {},
): Promise<Response> {
  const text = await html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}</title>
    <style>${STYLE}</style>
  </head>
  <body>
    <div class="banner">A stand-in of Stripe: no money moves here.</div>
    <main class="${is_wide ? "wide" : ""}">${content}</main>
  </body>
</html>`;
  return new Response(String(text), {
    status,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store",
      "Content-Security-Policy":
        "default-src 'none'; style-src 'unsafe-inline'; form-action *; frame-ancestors 'none'",
    },
  });
}

/** What went wrong, said before anything else to those who hear the page; nothing when nothing did. */
export function alertOf(problem: string): Html | "" {
  return problem ? html`<p class="alert" role="alert">${problem}</p>` : "";
}

/** To another page, which is read anew. */
export function seeOther(url: string): Response {
  return new Response(null, { status: 303, headers: { Location: url } });
}
