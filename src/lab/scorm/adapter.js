/*
 * Tells a learning management system how far somebody has come in a lesson: SCORM 1.2, Run-Time Environment
 * §3. Without one the lesson is a page like any other.
 */

/** The system's object, in a window above this one or the one that opened it. */
function findApi(from) {
  for (let at = from, n = 0; at && n < 10; n++) {
    if (at.API) return at.API;
    if (at.parent === at) break;
    at = at.parent;
  }
  return null;
}

const api = findApi(window) ?? (window.opener ? findApi(window.opener) : null);
const lesson = document.querySelector("hop-scope");
const tasks = Number(lesson.dataset.tasks);
const passed = new Set();
const began = Date.now();
let over = false;

/** CMITimespan: HHHH:MM:SS.SS */
function span(ms) {
  const two = (n) => String(Math.floor(n)).padStart(2, "0");
  const seconds = ms / 1000;
  return `${String(Math.floor(seconds / 3600)).padStart(4, "0")}:${two((seconds / 60) % 60)}:${two(seconds % 60)}.00`;
}

function set(name, value) {
  api.LMSSetValue(name, String(value));
}

function score() {
  set("cmi.core.score.raw", Math.round((100 * passed.size) / tasks));
}

function finish() {
  if (over) return;
  over = true;
  set("cmi.core.session_time", span(Date.now() - began));
  api.LMSCommit("");
  api.LMSFinish("");
}

if (api) {
  api.LMSInitialize("");
  const place = Number(api.LMSGetValue("cmi.core.lesson_location"));
  // "step;0/task,1/task": what passed another time has passed.
  const before = api.LMSGetValue("cmi.suspend_data");
  for (const one of before ? before.split(",") : []) passed.add(one);
  if (place > 1) lesson.setAttribute("step", place);
  const status = api.LMSGetValue("cmi.core.lesson_status");
  if (status === "" || status === "not attempted") set("cmi.core.lesson_status", "incomplete");
  set("cmi.core.score.min", 0);
  set("cmi.core.score.max", 100);
  lesson.addEventListener("step", ({ detail }) => {
    set("cmi.core.lesson_location", detail.step);
    api.LMSCommit("");
  });
  lesson.addEventListener("passed", ({ detail }) => {
    passed.add(`${detail.step}/${detail.task}`);
    set("cmi.suspend_data", [...passed].join(","));
    score();
    if (passed.size >= tasks) set("cmi.core.lesson_status", "completed");
    api.LMSCommit("");
  });
  lesson.addEventListener("completed", () => {
    set("cmi.core.lesson_status", "completed");
    set("cmi.core.score.raw", 100);
    api.LMSCommit("");
  });
  addEventListener("pagehide", finish);
}
