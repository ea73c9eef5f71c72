// Draws every [data-chart] of a page, one after another, so that the page stays at hand while it does.
const specs = JSON.parse(document.getElementById("chart-specs").textContent);
const how = {
  renderer: "svg",
  ast: true, // Vega's own interpreter: no eval, so the page's policy can forbid it
  actions: false, // its menu leads to a site outside
  defaultStyle: false,
  tooltip: { disableDefaultStyle: true },
};

function failed(place, error) {
  const says = document.createElement("p");
  says.className = "warn";
  says.textContent = `This chart could not be drawn (${error.message}); its table is below.`;
  place.replaceChildren(says);
}

async function drawAll() {
  for (const place of document.querySelectorAll("[data-chart]")) {
    const spec = specs[place.dataset.chart];
    spec.config.legend = { disable: true }; // the page shows it as text
    try {
      await vegaEmbed(place, spec, how);
    } catch (error) {
      failed(place, error);
    }
    await new Promise((next) => setTimeout(next));
  }
  document.documentElement.dataset.charts = "drawn";
}

drawAll();
