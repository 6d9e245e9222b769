// src/components/HopScope.jsx, for Docusaurus and any other MDX on React. In a page:
//   import HopScope from "@site/src/components/HopScope";
//   <HopScope lesson="ambient-outbound" step="2" view="terminal journey" commands={`curl -s productpage:9080/`}
//     poster="/posters/ambient-outbound-2.svg" alt="…" />
import React from "react";

const BASE = "https://your.host/hopscope";

export default function HopScope({ base = BASE, commands = "", poster, alt = "", caption, ...rest }) {
  return (
    <>
      <link rel="stylesheet" href={`${base}/embed/v1/embed.css`} />
      <script type="module" async src={`${base}/embed/v1/embed.js`} />
      <hop-scope {...rest}>
        <pre>
          <code>{commands.trim()}</code>
        </pre>
        {poster && (
          <figure>
            <img src={poster} alt={alt} />
            {caption && <figcaption>{caption}</figcaption>}
          </figure>
        )}
        {rest.lesson && (
          <p>
            <a href={`${base}/?lesson=${rest.lesson}`}>Open this lesson in Hopscope</a>
          </p>
        )}
      </hop-scope>
    </>
  );
}
