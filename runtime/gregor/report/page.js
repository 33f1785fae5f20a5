'use strict';
const run = JSON.parse(document.getElementById('run').textContent);
const $ = (id) => document.getElementById(id);
const SVG = 'http://www.w3.org/2000/svg';
const ms = (us) => (us / 1000).toLocaleString('en', { maximumFractionDigits: 3 }) + ' ms';
const since = (us) => ms(us - run.begun_us);
const names = new Map(run.nodes.map((node) => [node.number, node.name]));
const nameOf = (number) => names.get(number) || (number > 0 ? 'node ' + number : 'nobody');

function make(tag, text, cls) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (cls) element.className = cls;
  return element;
}
function draw(parent, tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  parent.appendChild(element);
  return element;
}
/// `cells`: texts; a number is set as one.
function addRow(table, cells, cls) {
  const row = make('tr', undefined, cls);
  for (const cell of cells) row.appendChild(make('td', String(cell), typeof cell === 'number' ? 'number' : ''));
  table.appendChild(row);
}
/// The column names of a table; those among `numbers` stand over numbers.
function addHead(table, names, numbers = []) {
  const row = make('tr');
  for (const name of names) row.appendChild(make('th', name, numbers.includes(name) ? 'number' : ''));
  table.appendChild(row);
}

function tellVerdict() {
  document.title = (run.holds ? 'Holds: ' : run.violations[0].invariant + ' violated: ') + run.name;
  $('verdict').textContent = run.holds ? 'Every property holds' : 'Violates ' + run.violations[0].invariant;
  $('verdict').classList.toggle('bad', !run.holds);
  $('name').textContent = run.name;
  $('why').textContent = run.why;
  $('replay').textContent = run.replay;
  $('copy').addEventListener('click', () => {
    const done = () => { $('copy').textContent = 'Copied'; };
    const select = () => { getSelection().selectAllChildren($('replay')); };
    if (navigator.clipboard) navigator.clipboard.writeText(run.replay).then(done, select); else select();
  });
  for (const [name, value] of run.totals) {
    const box = make('div');
    box.append(make('dt', name), make('dd', typeof value === 'number' ? value.toLocaleString('en') : value));
    $('totals').appendChild(box);
  }
}

const VIOLATIONS_SHOWN = 3;
function tellEvidence() {
  $('evidence').hidden = run.holds;
  if (run.holds) return;
  const more = make('details');
  more.append(make('summary', run.violations.length - VIOLATIONS_SHOWN + ' more'));
  run.violations.forEach((violation, index) => {
    const box = make('div', undefined, 'violation');
    box.append(make('b', violation.invariant), ' ' + violation.text,
               make('small', 'at ' + ms(violation.at_us) + ' of virtual time' +
                    (run.begun_us === null ? ', before any fault could begin' : ', ' + since(violation.at_us) + ' after faults could begin') +
                    (violation.node ? ', shown by an event of ' + nameOf(violation.node) : ', shown by no single event')));
    (index < VIOLATIONS_SHOWN ? $('violations') : more).appendChild(box);
  });
  if (run.violations.length > VIOLATIONS_SHOWN) $('violations').appendChild(more);
  addHead($('last'), ['ms', 'node', 'event'], ['ms']);
  const accused = run.violations[0].node;
  if (!accused) $('before').firstElementChild.textContent = 'The last events of the run: no single one showed it';
  for (const event of run.last) addRow($('last'), [Number((event.at_us / 1000).toFixed(3)), nameOf(event.node), event.text], event.node === accused ? 'here' : '');
  $('before').hidden = run.last.length === 0;
  $('last').parentElement.scrollTop = $('last').scrollHeight;  // the newest stand below
  $('stuck').hidden = run.stuck.length === 0;
  for (const fiber of run.stuck) $('fibers').appendChild(make('li', fiber, 'mono'));
}

const outcomes = { carried_out: 'carried out', node_was_down: 'nothing: the node was down', over_budget: 'left out: over the fault budget, it could have cost the last good copy of what nobody flushed' };
function fateOf(fault, index) {
  const strikes = run.strikes.filter((strike) => strike.fault === index);
  if (strikes.length > 0) return strikes;
  return [{ node: 0, at_us: null, outcome: fault.at_ms * 1000 + run.begun_us > run.healed_us ? 'late' : fault.target ? 'nobody' : 'never' }];
}
function tellFaults() {
  const told = { late: 'left out: its time came after the faults had ended', nobody: 'left out: nobody played that part, or came to play it in time', never: 'left out: the run was decided before its time came' };
  addHead($('ledger'), ['asked for', 'kind', 'lasts', 'amount', 'aimed at', 'struck', 'node', 'what became of it'], ['amount']);
  run.faults.forEach((fault, index) => {
    for (const strike of fateOf(fault, index)) {
      addRow($('ledger'), [fault.at_ms + ' ms', fault.kind, fault.lasts_ms + ' ms', fault.amount, fault.target || nameOf(fault.broker),
                           strike.at_us === null ? '' : since(strike.at_us), strike.node ? nameOf(strike.node) : '',
                           outcomes[strike.outcome] || told[strike.outcome]], strike.outcome === 'carried_out' ? '' : 'left');
    }
  });
  if (run.faults.length === 0) addRow($('ledger'), ['the scenario asks for none', '', '', '', '', '', '', ''], 'left');
  addHead($('counts'), ['while faults could strike', 'times', 'with effect', 'in words'], ['times', 'with effect']);
  for (const count of run.counts) addRow($('counts'), [count.name, count.count, '', count.text], count.count ? '' : 'left');
  for (const fault of run.world_faults) addRow($('counts'), ['in the whole run: ' + fault.name, fault.fired, fault.had_effect, fault.text]);
}

// The lanes: for each node its life, its faults, its time as controller, and a row for each partition that it has.
const PARTITIONS_MAX = 8, LANE_GAP = 12, TOP = 24;
const partitions = [...new Set(run.changes.map((change) => change.partition))].sort();
const shown = partitions.slice(0, PARTITIONS_MAX);
/// Faults that are over at once, whatever the scenario says of how long they last.
const momentary = ['stop_cleanly', 'clock_jump', 'reset_connections', 'bit_rot', 'lost_indexes'];
const items = [];  // of one drawing, in order of lane and time
let zoom = 1;

/// Until when the bar of a fault goes, in us.
function endOf(strike) {
  const fault = run.faults[strike.fault];
  const lasts = strike.outcome === 'carried_out' && !momentary.includes(fault.kind) ? fault.lasts_ms * 1000 : 0;
  return Math.min(strike.at_us + lasts, Math.max(run.healed_us, strike.at_us));
}
/// Faults of one node that would cover each other, names included, go to rows of their own: strike -> row, from 0.
function rowsOfFaults(number, x) {
  const rows = new Map(), ends = [];
  for (const strike of run.strikes.filter((one) => one.node === number)) {
    let row = ends.findIndex((end) => end <= x(strike.at_us));
    if (row < 0) row = ends.length;
    ends[row] = Math.max(x(endOf(strike)), x(strike.at_us) + 3) + 10 + 7 * run.faults[strike.fault].kind.length;
    rows.set(strike, row);
  }
  return rows;
}
function layOut(x) {
  let y = TOP;
  return run.nodes.map((node) => {
    const lane = { node, y, rows: [] };
    y += 20;
    const add = (key, label, height) => { lane.rows.push({ key, label, y, height }); y += height; };
    add('life', 'life', 16);
    lane.faultRows = rowsOfFaults(node.number, x);
    for (let row = 0; row <= Math.max(-1, ...lane.faultRows.values()); ++row) add('fault ' + row, row === 0 ? 'faults' : '', 16);
    if (run.marks.some((mark) => mark.kind === 'controller' && mark.node === node.number)) add('rule', 'controller', 16);
    for (const partition of shown) {
      if (run.changes.some((change) => change.partition === partition && change.replicas.includes(node.number))) add(partition, partition, 16);
    }
    lane.end = y;
    y += LANE_GAP;
    return lane;
  });
}

const stateColors = { running: 'up', paused: 'paused', stopped: 'stopped', crashed: 'crashed', powered_off: 'dark' };
const stateTexts = { running: 'running', paused: 'paused', stopped: 'stopped by itself', crashed: 'killed', powered_off: 'without power' };

/// Everything to be drawn, as { lane, row, from, to, height, color, text }: bars, and ticks where `to` is null.
function thingsToDraw(lanes) {
  const things = [];
  const put = (number, key, from, to, height, color, text, faint, name) => {
    const lane = lanes.find((one) => one.node.number === number);
    const row = lane && lane.rows.find((one) => one.key === key);
    if (row) things.push({ lane, row, from, to, height, color, text, faint, name });
  };
  for (const span of run.spans)
    put(span.node, 'life', span.from_us, span.to_us, span.state === 'running' ? 10 : 6, stateColors[span.state],
        nameOf(span.node) + ', life ' + span.life + ': ' + stateTexts[span.state] + ' from ' + ms(span.from_us) + ' to ' + ms(span.to_us));
  for (const strike of run.strikes) {
    const fault = run.faults[strike.fault];
    const lane = lanes.find((one) => one.node.number === strike.node);
    put(strike.node, 'fault ' + (lane ? lane.faultRows.get(strike) : 0), strike.at_us, endOf(strike), 9,
        strike.outcome === 'carried_out' ? 'fault' : 'skipped',
        fault.kind + ' struck ' + nameOf(strike.node) + ' at ' + ms(strike.at_us) + (fault.target ? ', aimed at ' + fault.target : '') + ': ' + outcomes[strike.outcome], false, fault.kind);
  }
  const reigns = run.marks.filter((mark) => mark.kind === 'controller');
  reigns.forEach((mark, i) => put(mark.node, 'rule', mark.at_us, i + 1 < reigns.length ? reigns[i + 1].at_us : run.ended_us, 9, 'rule',
                                  nameOf(mark.node) + ' ' + mark.text + ' at ' + ms(mark.at_us)));
  shown.forEach((partition, index) => putPartition(partition, 'p' + index, put));
  for (const mark of run.marks) {
    if (mark.kind === 'controller' || mark.kind === 'leads') continue;
    const bad = mark.kind !== 'ready';
    put(mark.node, 'life', mark.at_us, null, 14, bad ? 'fault' : 'good', nameOf(mark.node) + ' ' + mark.text + ' at ' + ms(mark.at_us));
  }
  return things;
}
function putPartition(partition, color, put) {
  const changes = run.changes.filter((change) => change.partition === partition);
  changes.forEach((change, i) => {
    const to = i + 1 < changes.length ? changes[i + 1].at_us : run.ended_us;
    for (const number of change.replicas) {
      const leads = change.leader === number, inSync = change.isr.includes(number), eligible = change.eligible.includes(number);
      const role = leads ? 'leads' : inSync ? 'is in the ISR of' : eligible ? 'is out of the ISR, but an eligible leader, of' : 'is out of the ISR of';
      put(number, partition, change.at_us, to, leads ? 10 : inSync ? 4 : 2, inSync || leads ? color : eligible ? 'rule' : 'violation',
          nameOf(number) + ' ' + role + ' ' + partition + ' from ' + ms(change.at_us) + ' to ' + ms(to) + ': leader ' +
          (change.leader < 0 ? 'nobody' : change.leader) + ' in epoch ' + change.leader_epoch + ', ISR [' + change.isr.join(', ') + ']' +
          (change.eligible.length ? ', ELR [' + change.eligible.join(', ') + ']' : ''), !leads);
    }
  });
}

function drawAxis(svg, x, height, width) {
  const span = run.ended_us || 1;
  const wanted = span / Math.max(3, width / 110);
  const power = Math.pow(10, Math.floor(Math.log10(wanted)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= wanted);
  for (let at = 0; at <= span; at += step) {
    draw(svg, 'line', { x1: x(at), x2: x(at), y1: TOP - 6, y2: height, stroke: 'var(--line)' });
    const label = at >= 1e6 || step >= 1e6 ? +(at / 1e6).toFixed(3) + ' s' : +(at / 1e3).toFixed(3) + ' ms';
    if (x(at) < width - 40) draw(svg, 'text', { x: x(at) + 3, y: 12 }, label);
  }
  for (const [at, text, up] of [[run.begun_us, 'faults may begin', 4], [run.healed_us, 'all is healed', 15]]) {
    if (at === null || at > run.ended_us) continue;
    const isLate = x(at) > width - 90;
    draw(svg, 'line', { x1: x(at), x2: x(at), y1: TOP - 6, y2: height, stroke: 'var(--soft)', 'stroke-dasharray': '2 3' });
    draw(svg, 'text', { x: x(at) + (isLate ? -3 : 3), y: height - up, 'text-anchor': isLate ? 'end' : 'start' }, text);
  }
}
function drawViolations(svg, lanes, x, height) {
  const first = run.violations[0];
  if (!first) return;
  const at = x(Math.min(first.at_us, run.ended_us));
  draw(svg, 'line', { x1: at, x2: at, y1: TOP - 6, y2: height, stroke: 'var(--violation)', 'stroke-width': 1.5 });
  const label = draw(svg, 'text', { x: at - 4, y: TOP + 2, 'text-anchor': 'end' }, 'violates ' + first.invariant);
  label.style.fill = 'var(--violation)';
  label.style.fontWeight = 600;
  const lane = lanes.find((one) => one.node.number === first.node);
  if (lane) draw(svg, 'rect', { x: at - 4, y: lane.y + 2, width: 8, height: lane.end - lane.y, fill: 'var(--violation)', 'fill-opacity': 0.45, rx: 2 });
}
function drawThing(svg, thing, x) {
  const item = draw(svg, 'g', { class: 'item', tabindex: -1, role: 'img', 'aria-label': thing.text });
  const middle = thing.row.y + thing.row.height / 2, from = x(thing.from);
  const color = 'var(--' + thing.color + ')';
  if (thing.to === null) {
    draw(item, 'path', { d: 'M' + from + ' ' + (middle + 5) + 'l-4 6h8z', fill: color });
  } else {
    draw(item, 'rect', { x: from, y: middle - thing.height / 2, width: Math.max(2.5, x(thing.to) - from), height: thing.height, rx: 1.5, fill: color, 'fill-opacity': thing.faint ? 0.7 : 1 });
  }
  if (thing.name) draw(item, 'text', { x: Math.max(x(thing.to), from + 2.5) + 4, y: middle + 4, class: 'name' }, thing.name);
  item.addEventListener('mouseenter', () => show(thing));
  item.addEventListener('focus', () => show(thing));
  item.addEventListener('click', () => item.focus());
  items.push({ item, thing });
}
function show(thing) { $('detail').textContent = thing.text; }

function paint() {
  const width = Math.max(200, $('lanes').clientWidth - 2) * zoom;
  const x = (us) => 8 + (width - 24) * us / (run.ended_us || 1);
  const lanes = layOut(x), height = lanes.length ? lanes[lanes.length - 1].end + LANE_GAP + 14 : 60;
  $('lanes').replaceChildren();
  $('labels').replaceChildren();
  $('labels').style.height = height + 'px';
  items.length = 0;
  const svg = draw($('lanes'), 'svg', { width, height, role: 'group', 'aria-label': 'Nodes over virtual time' });
  drawAxis(svg, x, height, width);
  for (const lane of lanes) {
    draw(svg, 'line', { x1: 0, x2: width, y1: lane.y, y2: lane.y, stroke: 'var(--line)' });
    const name = make('b', lane.node.name);
    name.style.top = lane.y + 2 + 'px';
    $('labels').appendChild(name);
    for (const row of lane.rows) {
      const label = make('span', row.label);
      label.style.top = row.y + 'px';
      label.title = row.label;
      $('labels').appendChild(label);
    }
  }
  for (const thing of thingsToDraw(lanes)) drawThing(svg, thing, x);
  drawViolations(svg, lanes, x, height);
  items.sort((one, other) => one.thing.row.y - other.thing.row.y || one.thing.from - other.thing.from);
  if (items.length) items[0].item.setAttribute('tabindex', 0);
}
/// One stop for Tab; the arrows go along a row, and to the same time in the rows above and below.
function move(event) {
  const at = items.findIndex((one) => one.item === document.activeElement);
  if (at < 0) return;
  const here = items[at].thing;
  const rows = [...new Set(items.map((one) => one.thing.row.y))];
  let next = at;
  if (event.key === 'ArrowRight') next = Math.min(items.length - 1, at + 1);
  else if (event.key === 'ArrowLeft') next = Math.max(0, at - 1);
  else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    const row = rows[rows.indexOf(here.row.y) + (event.key === 'ArrowDown' ? 1 : -1)];
    const inRow = items.filter((one) => one.thing.row.y === row);
    if (inRow.length) next = items.indexOf(inRow.reduce((best, one) => Math.abs(one.thing.from - here.from) < Math.abs(best.thing.from - here.from) ? one : best));
  } else return;
  event.preventDefault();
  items[at].item.setAttribute('tabindex', -1);
  items[next].item.setAttribute('tabindex', 0);
  items[next].item.focus();
  items[next].item.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}
/// Keeps the middle of what is seen, or goes to `us`.
function zoomTo(factor, us) {
  const lanes = $('lanes'), middle = us === undefined ? (lanes.scrollLeft + lanes.clientWidth / 2) / lanes.scrollWidth : us / run.ended_us;
  zoom = Math.min(200, Math.max(1, factor));
  paint();
  lanes.scrollLeft = middle * lanes.scrollWidth - lanes.clientWidth / 2;
}
function addLegend() {
  const legend = [['up', 'running'], ['paused', 'paused'], ['crashed', 'killed'], ['dark', 'without power'], ['stopped', 'stopped'], ['fault', 'fault'], ['skipped', 'fault left out'], ['rule', 'controller (thin: eligible leader)'], ['p0', 'leads (thick), in the ISR (thin)'], ['violation', 'out of the ISR']];
  for (const [color, text] of legend) {
    const entry = make('span', text), mark = make('i');
    mark.style.background = 'var(--' + color + ')';
    entry.prepend(mark);
    $('legend').appendChild(entry);
  }
  const notes = [];
  if (run.dropped > 0) notes.push(run.dropped + ' things more happened than are kept here (' + run.kept_max + ' of each kind).');
  if (partitions.length > PARTITIONS_MAX) notes.push('Shown are the first ' + PARTITIONS_MAX + ' of ' + partitions.length + ' partitions.');
  $('dropped').textContent = notes.join(' ');
}

tellVerdict();
tellEvidence();
tellFaults();
addLegend();
paint();
$('in').addEventListener('click', () => zoomTo(zoom * 2));
$('out').addEventListener('click', () => zoomTo(zoom / 2));
$('fit').addEventListener('click', () => zoomTo(1));
$('chaos').addEventListener('click', () => {
  const healed = Math.min(run.healed_us, run.ended_us);
  zoomTo(run.ended_us / Math.max(1, healed - run.begun_us), (run.begun_us + healed) / 2);
});
$('lanes').addEventListener('keydown', move);
let waiting = 0;
addEventListener('resize', () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(paint); });
