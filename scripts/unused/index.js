export default () => {
  throw new Error("Kindred reads no images, and runs in no browser");
};
