/* Keeps one page for when there is no connection, and nothing else: personal pages stay out of the browser. ES5 and promises.
   Its own address names the edition and how pages shall look, so that another choice brings another page. */
(function (worker) {
  'use strict';
  var edition = worker.location.search;
  var page = worker.registration.scope + 'offline' + edition;

  worker.addEventListener('install', function (event) {
    event.waitUntil(worker.caches.open(edition).then(function (cache) {
      return cache.add(page);
    }).then(function () {
      return worker.skipWaiting();
    }));
  });

  worker.addEventListener('activate', function (event) {
    event.waitUntil(worker.caches.keys().then(function (names) {
      return Promise.all(names.map(function (name) {
        return name === edition || worker.caches['delete'](name);
      }));
    }));
  });

  worker.addEventListener('fetch', function (event) {
    if (event.request.mode !== 'navigate') return;
    event.respondWith(worker.fetch(event.request)['catch'](function () {
      return worker.caches.match(page);
    }));
  });
})(self);
