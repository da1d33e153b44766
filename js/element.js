// @ts-check

/** An element of index.html, which is always there. @template {HTMLElement} E @param {string} id @returns {E} */
export const element = (id) => /** @type {E} */ (document.getElementById(id));
