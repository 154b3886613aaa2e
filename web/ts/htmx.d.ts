// The bundle runs htmx for its effect alone.
declare module "htmx.org/dist/htmx.esm.js";
