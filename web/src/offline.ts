// Without a network the page works as with one: a service worker keeps its files once it has been opened.
export function keepForOffline(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  // After the first visit is usable: what is kept is then not in its way. A browser that refuses (private
  // windows do) shows the page all the same.
  addEventListener("load", () => {
    void navigator.serviceWorker.register("./service-worker.js").catch(() => undefined);
  });
}
