/* Brings htmx in where the browser is able to run it; everywhere else forms are posted as plain pages. ES5 only. */
(function (w, d) {
  'use strict';
  var script = d.querySelector('script[data-htmx]');

  function word(name) {
    return script.getAttribute('data-' + name);
  }

  /* An engine that parses htmx but lacks these would leave dead forms (PhantomJS: DOMParser gives null for HTML). */
  function able() {
    try {
      return w.FormData && d.body.classList && new DOMParser().parseFromString('<p>', 'text/html').body.firstChild;
    } catch (short) {
      return false;
    }
  }

  function focus(node) {
    if (!node) return;
    node.setAttribute('tabindex', '-1');
    node.focus();
    w.scrollTo(0, 0);
  }

  function unmaskable(input) {
    var button = d.createElement('button');
    function show(plain) {
      input.type = plain ? 'text' : 'password';
      button.textContent = input.getAttribute(plain ? 'data-hide' : 'data-show');
    }
    button.type = 'button';
    button.className = 'button quiet';
    button.setAttribute('aria-controls', input.id);
    button.onclick = function () {
      show(input.type === 'password');
    };
    /* A browser offers to keep a password only from a masked field. */
    input.form.addEventListener('submit', function () {
      show(false);
    });
    show(false);
    input.parentNode.appendChild(button);
  }

  function dress(root) {
    [].forEach.call(root.querySelectorAll('input[data-show]'), unmaskable);
  }

  function forget() {
    var old = d.getElementById('lost');
    if (old) old.parentNode.removeChild(old);
  }

  /* Beside the button that was pressed; role before words, so that screen readers speak. */
  function lost(event) {
    var box = d.createElement('p');
    forget();
    box.id = 'lost';
    box.className = 'error';
    box.setAttribute('role', 'alert');
    event.detail.elt.appendChild(box);
    box.textContent = word('lost');
  }

  /* Refusals are pages too. Of a whole page only the title and main are wanted. */
  function take(event) {
    var answer = event.detail;
    if (answer.serverResponse.indexOf('id="main"') < 0) {
      if (answer.isError) lost(event);
      return;
    }
    answer.serverResponse = answer.serverResponse.replace(
      /^[\s\S]*?(<title>[\s\S]*?<\/title>)[\s\S]*?(<main[\s\S]*<\/main>)[\s\S]*$/, '$1$2');
    answer.shouldSwap = true;
    answer.isError = false;
  }

  /* A swap of a part (suggestions, a state being polled) leaves the focus where it is. */
  function swapped(event) {
    var main = event.target;
    if (main.id !== 'main') return;
    dress(main);
    focus(main.querySelector('.errors') || main.querySelector('h1'));
  }

  function closed(event) {
    if (event.keyCode === 27) d.activeElement.parentNode.open = false;
  }

  function load() {
    var net = navigator.connection, htmx, css;
    if (net && net.saveData) return;
    if (word('css')) {
      css = new XMLHttpRequest();
      css.open('GET', word('css'));
      css.send();
    }
    if (navigator.serviceWorker)
      navigator.serviceWorker.register(word('worker'), {scope: word('scope')})['catch'](String);
    if (!able()) return;
    d.body.addEventListener('htmx:beforeRequest', forget);
    d.body.addEventListener('htmx:beforeSwap', take);
    d.body.addEventListener('htmx:afterSwap', swapped);
    d.body.addEventListener('htmx:sendError', lost);
    d.body.addEventListener('htmx:timeout', lost);
    htmx = d.createElement('script');
    htmx.src = word('htmx');
    d.body.appendChild(htmx);
  }

  if (!w.addEventListener) return;
  dress(d);
  d.addEventListener('keydown', closed);
  focus(d.querySelector('.errors'));
  w.addEventListener('load', load);
})(window, document);
