// @ts-check
// The rooms of the page, one of which is open: links in the navigation open them, and the URL says which.

/** @param {import("./state.js").State} state */
export function showRooms(state) {
  const rooms = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".room")]);
  const links = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-room]")]);

  function show() {
    const open = rooms.find(({ id }) => id === state.values.room) ?? rooms[0];
    document.documentElement.dataset.open = open.id;
    for (const room of rooms) room.hidden = room !== open;
    for (const link of links) link.ariaCurrent = link.dataset.room === open.id ? "page" : null;
  }

  for (const link of links) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      state.set({ room: link.dataset.room ?? "" }, { newEntry: true });
    });
  }
  state.addEventListener("change", show);
  show();
}
