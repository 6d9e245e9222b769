import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { zipSync } from "fflate";
import type { LessonSpec } from "../lesson/spec.ts";
import adapter from "./scorm/adapter.js?raw";

/** The same package for the same lesson: a zip's times would tell otherwise. */
const TIME = new Date("2020-01-01T00:00:00Z");

function xml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** imsmanifest.xml of SCORM 1.2 (ADL, Content Aggregation Model 1.2, §2.3): one item, one resource. */
function manifest({ slug, title, summary }: LessonSpec, files: readonly string[]): string {
  const list = files.map((file) => `      <file href="${xml(file)}"/>`).join("\n");
  return `<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="hopscope-${slug}" version="1.2"
  xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
  xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
  <metadata>
    <schema>ADL SCORM</schema>
    <schemaversion>1.2</schemaversion>
  </metadata>
  <organizations default="lesson">
    <organization identifier="lesson">
      <title>${xml(title)}</title>
      <item identifier="item" identifierref="launch">
        <title>${xml(title)}</title>
        <adlcp:masteryscore>100</adlcp:masteryscore>
      </item>
    </organization>
  </organizations>
  <resources>
    <resource identifier="launch" type="webcontent" adlcp:scormtype="sco" href="launch.html">
      <metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
${list}
    </resource>
  </resources>
  <!-- ${xml(summary).replaceAll("--", "- -")} -->
</manifest>
`;
}

function launch({ slug, title, steps }: LessonSpec): string {
  const tasks = steps.reduce((sum, step) => sum + step.tasks.length, 0);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>${xml(title)}</title>
    <style>html, body { height: 100%; margin: 0 } hop-scope { display: block; height: 100% }</style>
    <script type="module" src="site/embed/v1/embed.js"></script>
    <script type="module" src="scorm.js"></script>
  </head>
  <body>
    <hop-scope lesson="${slug}" view="lesson terminal journey" start="now" height="100%" data-tasks="${tasks}">${xml(title)}</hop-scope>
  </body>
</html>
`;
}

function* filesOf(dir: string): Generator<string> {
  for (const name of readdirSync(dir).sort()) {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) yield* filesOf(path);
    else yield path;
  }
}

/**
 * A lesson as a package of SCORM 1.2: the built page, a page that opens the lesson, and what tells the
 * learning management system how far somebody has come. `site`: the folder of the built page.
 */
export function scormPackage(lesson: LessonSpec, site: string): Uint8Array {
  if (!existsSync(join(site, "embed/v1/embed.js")))
    throw new Error("the page is not built yet: npm run build");
  const files: Record<string, Uint8Array> = {
    "launch.html": new TextEncoder().encode(launch(lesson)),
    "scorm.js": new TextEncoder().encode(adapter),
  };
  for (const path of filesOf(site)) {
    const name = `site/${relative(site, path).split("\\").join("/")}`;
    // A package has no place of its own to be kept at without a network.
    if (name !== "site/sw.js") files[name] = readFileSync(path);
  }
  const all = {
    "imsmanifest.xml": new TextEncoder().encode(manifest(lesson, Object.keys(files))),
    ...files,
  };
  return zipSync(all, { mtime: TIME, level: 6 });
}
