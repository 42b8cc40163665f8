/** The style of the reference page, light and dark, from telephone to desk. */
export default `:root {
  color-scheme: light dark;
  --ground: light-dark(#fff, #14161a);
  --panel: light-dark(#f5f6f8, #1c1f25);
  --line: light-dark(#dde1e7, #31363f);
  --text: light-dark(#1c2128, #e4e8ee);
  --soft: light-dark(#57606c, #a0a9b6);
  --link: light-dark(#0b5cad, #7db8f5);
  --get: light-dark(#0a6b3d, #58c98f);
  --post: light-dark(#0b5cad, #7db8f5);
  --put: light-dark(#8a4b00, #f0b46a);
  --patch: light-dark(#6d3a9c, #c7a0f0);
  --delete: light-dark(#b3261e, #ff9a90);
}
* { box-sizing: border-box }
html { scroll-padding-top: 1rem }
body {
  margin: 0; background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, sans-serif;
  display: grid; grid-template-columns: 18rem minmax(0, 1fr);
}
a { color: var(--link) }
a:focus-visible, summary:focus-visible, pre:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
.skip { position: absolute; left: -999rem }
.skip:focus { left: 1rem; top: 1rem; background: var(--ground); padding: .5rem 1rem; z-index: 1 }
nav {
  position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.5rem 1rem;
  background: var(--panel); border-right: 1px solid var(--line); font-size: .875rem;
}
nav .brand { font-weight: 700; font-size: 1.1rem; margin: 0 0 1rem }
nav summary { font-weight: 600; padding: .35rem 0; cursor: pointer }
nav ul { list-style: none; margin: 0 0 .75rem; padding: 0 }
nav li a { display: flex; gap: .5rem; align-items: baseline; padding: .2rem 0; color: inherit; text-decoration: none }
nav li a:hover { color: var(--link); text-decoration: underline }
main { padding: 2rem clamp(1rem, 4vw, 4rem) 6rem; max-width: 64rem }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 1rem }
h2 { font-size: 1.5rem; margin: 3.5rem 0 .25rem; padding-bottom: .35rem; border-bottom: 1px solid var(--line) }
h3 { font-size: 1.15rem; margin: 0 }
h3 a { color: inherit; text-decoration: none }
h3 a:hover { text-decoration: underline }
h4 { font-size: .95rem; margin: 1.25rem 0 .25rem }
p { margin: .5rem 0 }
code, pre { font-family: ui-monospace, monospace; font-size: .875em }
p code, li code, td code { background: var(--panel); padding: .1em .3em; border-radius: 4px; overflow-wrap: anywhere }
pre {
  background: var(--panel); border: 1px solid var(--line); border-radius: 8px;
  padding: .9rem 1rem; overflow-x: auto; max-height: 28rem; margin: .5rem 0;
}
figure { margin: .5rem 0 }
figcaption { color: var(--soft); font-size: .8125rem }
.operation { padding: 1.75rem 0; border-bottom: 1px solid var(--line) }
.operation:target { border-left: 3px solid var(--link); padding-left: 1rem }
.route { display: flex; flex-wrap: wrap; gap: .5rem; align-items: baseline }
.route code { font-weight: 600 }
.method { font: 700 .7rem/1.5 ui-monospace, monospace; letter-spacing: .03em; color: var(--soft); min-width: 4.2em }
.route .method { border: 1px solid currentColor; border-radius: 4px; padding: .05rem .4rem; text-align: center }
.method.get { color: var(--get) } .method.post { color: var(--post) } .method.put { color: var(--put) }
.method.patch { color: var(--patch) } .method.delete { color: var(--delete) }
.key, .type, .limit, .optional { color: var(--soft); font-size: .8125rem }
.type, .limit, .status { font-weight: 400; margin-left: .35rem }
.required { color: var(--delete); font-size: .8125rem }
.status { font-family: ui-monospace, monospace; color: var(--get) }
.status.error { color: var(--delete) }
.fields { list-style: none; margin: .25rem 0; padding: 0 }
.fields li { padding: .4rem 0; border-top: 1px solid var(--line) }
.fields li p { margin: .1rem 0; font-size: .9rem; color: var(--soft) }
.fields .fields { margin-left: 1rem; padding-left: .75rem; border-left: 2px solid var(--line) }
details > summary { cursor: pointer; color: var(--link) }
nav details > summary { color: inherit }
table { border-collapse: collapse; width: 100%; margin: .75rem 0; font-size: .9rem }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-top: 1px solid var(--line) }
thead th { border: 0; color: var(--soft); font-weight: 500 }
td p { margin: 0 0 .25rem }
@media (max-width: 50rem) {
  body { display: block }
  nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line) }
}
@media print { nav { display: none } body { display: block } }
`;
