/* Shows and answers notifications of calls for the phone's page. It keeps no copies and answers no requests of the page. */
addEventListener("install", () => void skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(toPage(event.notification.data.url));
});

/** The page that the notification came from, or else a new one. */
async function toPage(url) {
  const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find((one) => one.url === url);
  return page ? page.focus() : clients.openWindow(url);
}
