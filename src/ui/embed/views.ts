/* Each view is a part of its own, loaded after the first prompt and only where it is asked for. */
export const views = {
  map: () => import("../map/MapPane.svelte").then((part) => part.default),
  journeys: () => import("../journey/JourneyPane.svelte").then((part) => part.default),
  tables: () => import("../tables/TablesPane.svelte").then((part) => part.default),
  lesson: () => import("../lesson/LessonPanel.svelte").then((part) => part.default),
};
