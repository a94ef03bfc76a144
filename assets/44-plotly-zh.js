/* The words and dates of Plotly in Chinese, for `config.locale`; taken up by plotly.js when it loads. */
(function () {
  "use strict";
  const names = ["一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"];
  const locale = {
    moduleType: "locale",
    name: "zh-CN",
    dictionary: { "Autoscale": "自动缩放", "Reset axes": "重置坐标轴", "Zoom": "缩放", "Pan": "平移", "Double-click to zoom back out": "双击还原" },
    format: {
      days: ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"],
      shortDays: ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
      months: names,
      shortMonths: names.map(function (_, i) { return i + 1 + "月"; }),
      date: "%Y-%m-%d",
      decimal: ".",
      thousands: ",",
    },
  };
  if (window.Plotly) window.Plotly.register(locale);
  else (window.PlotlyLocales = window.PlotlyLocales || []).push(locale);
})();
